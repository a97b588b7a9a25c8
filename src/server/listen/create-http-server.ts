import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import { answerClientError } from './answer-client-error.ts'
import { oneAtATime } from './one-at-a-time.ts'
import type { TlsPair } from './tls-pair.ts'
import { watchSilence } from './watch-silence.ts'

/** Options of {@link createHttpServer}. */
export interface HttpServerOptions {
  /** Speaks https with it. */
  readonly tls?: TlsPair | undefined
  readonly maxConnections: number
  /** How long, in milliseconds, a client may neither send nor take a byte in the middle of a request. */
  readonly silenceMs: number
}

/** What speaks HTTP, in the clear or over TLS. */
export type HttpServer = Server | SecureServer

/** Headers may be this large together: tokens of workloads are some thousand bytes long. */
const maxHeaderBytes = 32 * 1024

const settings: ServerOptions = {
  maxHeaderSize: maxHeaderBytes,
  headersTimeout: 20_000,
  // A request may take hours: an upload over a slow line. Silence is what ends it (watch-silence.ts).
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  // Longer than the proxies in front keep theirs (nginx 60 s, AWS 60 s): who closes first loses no request.
  keepAliveTimeout: 75_000,
  // Node's own answer to a missing Host has no body; ours has the specification's.
  requireHostHeader: false,
  noDelay: true,
}

/**
 * Makes a server with bounds on everything that a client decides. It does not listen yet.
 *
 * @param onRequest is handed every request, those of a connection one at a time, also one that waits for `100 Continue`:
 * who reads its body tells it to go on, after it is known who sent it. Expectations are its business too.
 */
export function createHttpServer(
  onRequest: RequestListener,
  { tls, maxConnections, silenceMs }: HttpServerOptions,
): HttpServer {
  const onTurn = oneAtATime(onRequest)
  const server =
    tls === undefined
      ? createServer(settings, onTurn)
      : createSecureServer(
          {
            ...settings,
            cert: tls.certificate,
            key: tls.key,
            minVersion: 'TLSv1.2',
            handshakeTimeout: 20_000,
          },
          onTurn,
        )
  server.maxConnections = maxConnections
  server.on('checkContinue', onTurn)
  server.on('checkExpectation', onTurn)
  server.on('clientError', answerClientError)
  watchSilence(server, silenceMs)
  return server
}
