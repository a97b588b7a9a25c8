import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net'
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls'
import { isUntrustedCertificate } from './connection-error.ts'
import type { HostTransport } from './types.ts'
import { hostNameOf, portOf } from './url-host.ts'
import { WireError } from './wire-error.ts'

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
export function createSocketOpener(options: SocketOptions): SocketOpener {
  const { host } = options
  let trust: Trust | undefined
  let systemAsked = false

  const askSystem = (): void => {
    if (systemAsked) return
    systemAsked = true
    const system = getCACertificates('system')
    if (system.length > 0) trust = trustOf(host, system)
  }

  return async (url, through) => {
    if (url.protocol !== 'https:') return openPlain(url, options)
    trust ??= trustOf(host, [])
    const used = trust
    try {
      return await openTls(url, options, used, await through?.())
    } catch (error) {
      if (!isUntrustedCertificate(error)) throw error
      if (used === trust) askSystem()
      if (used === trust) throw error
      return openTls(url, options, trust, await through?.())
    }
  }
}

/** Whom to trust, and what came of it last. */
interface Trust {
  readonly context: SecureContext
  /** Lets the next connection do without half of the handshake. */
  session?: Buffer
}

/** Naming any authority replaces Node.js's own list, so that list has to be named too. */
function trustOf({ ca = [], certificate }: HostTransport, system: readonly string[]): Trust {
  const added = [...ca, ...system]
  const options: SecureContextOptions = {
    ...(added.length > 0 && { ca: [...getCACertificates('default'), ...added] }),
    ...certificate,
  }
  return { context: createSecureContext(options) }
}

async function openPlain(url: URL, options: SocketOptions): Promise<Socket> {
  const socket = connectPlain({ ...addressOf(url, options), ...lively })
  return standing(socket, 'connect', options)
}

async function openTls(
  url: URL,
  options: SocketOptions,
  trust: Trust,
  through: Socket | undefined,
): Promise<Socket> {
  const name = hostNameOf(url)
  const settings: ConnectionOptions = {
    ...addressOf(url, options),
    ...(through === undefined ? lively : { socket: through }),
    // An address is no server name (RFC 6066, section 3).
    ...(isIP(name) === 0 && { servername: name }),
    ALPNProtocols: ['http/1.1'],
    secureContext: trust.context,
    ...(trust.session !== undefined && { session: trust.session }),
    rejectUnauthorized: options.host.skipTlsVerify !== true,
  }
  const socket = connectTls(settings)
  socket.on('session', (session) => {
    trust.session = session
  })
  try {
    return await standing(socket, 'secureConnect', options)
  } catch (error) {
    delete trust.session
    through?.destroy()
    throw error
  }
}

/** Small requests go at once, and a peer that vanished is noticed. */
const lively = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const

function addressOf(
  url: URL,
  { lookup }: SocketOptions,
): { readonly host: string; readonly port: number; readonly lookup: LookupFunction } {
  return { host: hostNameOf(url), port: Number(portOf(url)), lookup }
}

/** Waits until a socket stands, for as long as it may take. */
async function standing(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  { opening, timeout }: SocketOptions,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const stand = (): void => resolve(socket)
  const closed = (): void => reject(new WireError('INCOMPLETE', 'the connection was closed before it stood'))
  socket.once(event, stand)
  socket.once('error', reject)
  socket.once('close', closed)
  const timer = setTimeout(() => {
    socket.destroy(new WireError('CONNECT_TIMEOUT', 'it did not connect in time'))
  }, timeout)
  opening.add(socket)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    opening.delete(socket)
    socket.off(event, stand)
    socket.off('close', closed)
    // Its listener for errors stays until the next owner has its own: it rejects what is settled.
  }
}
