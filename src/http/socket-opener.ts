import { type LookupFunction, Socket } from 'node:net'
import { getCACertificates, type SecureContextOptions } from 'node:tls'
import { isUntrustedCertificate } from './connection-error.ts'
import type { HostTransport } from './types.ts'
import { buildConnector } from './undici.ts'
import { hostNameOf, portOf } from './url-host.ts'

/** How sockets are opened. */
export interface SocketOptions {
  readonly host: HostTransport
  readonly lookup: LookupFunction
  /** Milliseconds until a connection, TLS included, must stand. */
  readonly timeout: number
  /** Holds the sockets that do not stand yet, so that they can be closed. */
  readonly opening: Set<Socket>
}

/**
 * Opens a connection to the host of a URL, by TLS where its scheme is https.
 *
 * @param through Gives a connection to use instead of a new one.
 */
export type SocketOpener = (url: URL, through?: () => Promise<Socket>) => Promise<Socket>

/**
 * Makes a {@link SocketOpener}. It speaks HTTP/1.1 only: one connection for each blob moves more bytes than
 * streams that share one.
 *
 * A certificate that no authority of Node.js's own list answers for is judged once more by the list of the
 * operating system, as Go's tools do. That list is only read then, because reading it takes time.
 */
export function createSocketOpener({ host, lookup, timeout, opening }: SocketOptions): SocketOpener {
  const connectorWith = (tls: TlsOptions): Connector =>
    buildConnector({ ...tls, lookup, timeout, allowH2: false })
  const tls = tlsOptions(host)
  let connector = connectorWith(tls)
  let systemAsked = false

  const askSystem = (): void => {
    if (systemAsked) return
    systemAsked = true
    const system = getCACertificates('system')
    if (system.length > 0) connector = connectorWith({ ...tls, ca: [...authorities(tls), ...system] })
  }

  return async (url, through) => {
    const used = connector
    try {
      return await openSocket(used, url, opening, await through?.())
    } catch (error) {
      if (!isUntrustedCertificate(error)) throw error
      if (used === connector) askSystem()
      if (used === connector) throw error
      return openSocket(connector, url, opening, await through?.())
    }
  }
}

type Connector = ReturnType<typeof buildConnector>

interface TlsOptions extends SecureContextOptions {
  readonly ca?: string[]
  readonly rejectUnauthorized?: boolean
}

function tlsOptions({ ca = [], certificate, skipTlsVerify }: HostTransport): TlsOptions {
  return {
    ...(ca.length > 0 && { ca: [...getCACertificates('default'), ...ca] }),
    ...certificate,
    ...(skipTlsVerify === true && { rejectUnauthorized: false }),
  }
}

/** Naming any authority replaces Node.js's own list, so that list has to be named too. */
function authorities({ ca }: TlsOptions): readonly string[] {
  return ca ?? getCACertificates('default')
}

async function openSocket(
  connect: Connector,
  url: URL,
  opening: Set<Socket>,
  through: Socket | undefined,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket: unknown = connect(
    {
      hostname: hostNameOf(url),
      host: url.host,
      protocol: url.protocol,
      port: portOf(url),
      ...(through !== undefined && { httpSocket: through }),
    },
    (error, connected) => (error === null ? resolve(connected) : reject(error)),
  )
  if (socket instanceof Socket) {
    opening.add(socket)
    socket.once('close', () => reject(new Error('the connection was closed before it stood')))
  }
  try {
    return await promise
  } catch (error) {
    through?.destroy()
    throw error
  } finally {
    if (socket instanceof Socket) opening.delete(socket)
  }
}
