import type { RequestListener } from 'node:http'
import { Server as SecureServer } from 'node:https'
import type { Logger } from 'pino'
import type { ListenAddress, TlsFiles } from '../server-options.ts'
import { bindListeners } from './bind-listeners.ts'
import { countConnections } from './count-connections.ts'
import { createHttpServer, type HttpServer } from './create-http-server.ts'
import { keepTlsFresh, type TlsKeeper } from './keep-tls-fresh.ts'
import { stopServers } from './stop-servers.ts'
import { readTlsPair } from './tls-pair.ts'

/** Options of {@link startListening}. */
export interface ListeningOptions {
  readonly address: ListenAddress
  /** Speaks https with them. */
  readonly tls?: TlsFiles | undefined
  /** Default 10,000. */
  readonly maxConnections?: number | undefined
  readonly log: Logger
}

/** Sockets that take requests, all on one port. */
export interface Listening {
  readonly port: number
  connections(): Promise<number>
  /** Looks at the certificate's files at once. Gives true where a new pair is in use from now on. */
  renewCertificate(): Promise<boolean>
  /** Takes no new connections and lets requests finish. Gives false when some had to be cut off. */
  stop(withinMs: number): Promise<boolean>
}

/** A client may be silent for so long in the middle of a request, in milliseconds. */
const silenceMs = 60_000

/** The certificate's files are looked at so often, in milliseconds. */
const renewEveryMs = 10_000

/**
 * Listens.
 *
 * @throws {ListenError} the address is taken or none of this machine's.
 * @throws {TlsPairError} the certificate and its key are of no use.
 */
export async function startListening(
  onRequest: RequestListener,
  { address, tls: files, maxConnections = 10_000, log }: ListeningOptions,
): Promise<Listening> {
  const pair = files === undefined ? undefined : await readTlsPair(files)
  const { servers, port } = await bindListeners<HttpServer>(address, () =>
    createHttpServer(onRequest, { tls: pair, maxConnections, silenceMs }),
  )
  const keeper: TlsKeeper | undefined =
    files === undefined || pair === undefined
      ? undefined
      : keepTlsFresh(
          servers.filter((server) => server instanceof SecureServer),
          { files, pair, log, everyMs: renewEveryMs },
        )
  return {
    port,
    connections: () => countConnections(servers),
    renewCertificate: async () => (await keeper?.check()) ?? false,
    async stop(withinMs) {
      keeper?.stop()
      return stopServers(servers, { withinMs })
    },
  }
}
