import type { IncomingMessage } from 'node:http'
import { createWebPageRefusal } from './auth/refuse-web-pages.ts'
import type { ServerGate } from './auth/server-gate.ts'
import { createServiceAddress } from './auth/service-address.ts'
import { createTokenHandler } from './auth/token-handler.ts'
import { answerText } from './answer-text.ts'
import type { Handler, Handlers } from './dispatch.ts'
import { createReadiness } from './health/readiness.ts'
import { answerLanding } from './landing/answer-landing.ts'
import { isLoopbackListen } from './listen/refuse-exposure.ts'
import { defaultListenAddress } from './listen/parse-listen-address.ts'
import { createImmutableTagMatcher } from './limits/immutable-tag-matcher.ts'
import { clientAddress } from './limits/client-address.ts'
import { createRateLimiter } from './limits/rate-limiter.ts'
import type { ServerMetrics } from './metrics/create-metrics.ts'
import { ProtocolError } from './protocol-error.ts'
import { answerError } from './routes/answer-error.ts'
import { createProtocolHandler } from './routes/protocol-handler.ts'
import { acceptBody } from './routes/request-body.ts'
import type { ServerOptions } from './server-options.ts'
import type { OpenedStorage } from './storage/open-storage.ts'

/** The parts that {@link composeHandlers} joins. */
export interface HandlerParts {
  readonly opened: OpenedStorage
  readonly gate: ServerGate
  readonly metrics: ServerMetrics
  readonly isStopping: () => boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Joins the parts of a server to the handlers of its paths. */
export async function composeHandlers(options: ServerOptions, parts: HandlerParts): Promise<Handlers> {
  const { opened, gate, metrics, isStopping, now } = parts
  const { limits = {}, log, behindTlsProxy = false, listen = defaultListenAddress } = options
  const addressOf = (request: IncomingMessage): string => clientAddress(request, behindTlsProxy)
  const addressFor = createServiceAddress({ ...options, tls: options.tls !== undefined })
  const refuseWebPages = createWebPageRefusal({
    addressFor,
    isOpenToMachine: gate.isOpen && isLoopbackListen(listen) && options.tls === undefined && !behindTlsProxy,
    externalUrl: options.externalUrl,
  })
  const limiter = createRateLimiter({ requestsPerMinute: limits.requestsPerMinute, now })
  const protocol = createProtocolHandler({
    ...limits,
    storage: opened.storage,
    gate,
    isImmutable: await createImmutableTagMatcher(options.immutableTags),
    clientAddress: addressOf,
  })
  const token = createTokenHandler(gate, { clientAddress: addressOf })
  const readiness = createReadiness({
    records: opened.records,
    isStopping,
    now,
    onFailure: (error) => log?.error({ err: error }, 'the store does not answer'),
  })
  return {
    protocol: limited((request, response, exchange) => {
      refuseWebPages(request)
      return protocol(request, response, exchange)
    }),
    token: limited((request, response, exchange) => {
      acceptBody(request, response)
      return token(request, response, exchange)
    }),
    alive: (request, response) => answerText(request, response, 200, plain('ok\n')),
    async ready(request, response) {
      const { ready, reason } = await readiness()
      answerText(request, response, ready ? 200 : 503, plain(`${reason}\n`))
    },
    async metrics(request, response, exchange) {
      const credentials = { headers: request.headers, remoteAddress: exchange.client }
      const identity = await gate.identify(credentials, { signal: exchange.signal })
      // How much a registry is used is not for everybody where it is not for everybody to use.
      // A token without a name is had by everybody.
      if (identity.by !== 'open' && identity.name === undefined) throw basicChallenge()
      answerText(request, response, 200, await metrics.text())
    },
    landing(request, response) {
      const { service, realm } = addressFor(request.headers)
      answerLanding(request, response, { host: service, secure: realm.startsWith('https:') })
    },
    error: answerError,
  }

  function limited<Answered>(handler: (...exchange: Parameters<Handler>) => Answered): typeof handler {
    return (request, response, exchange) => {
      limiter.count(exchange.client)
      return handler(request, response, exchange)
    }
  }
}

function plain(body: string): { readonly contentType: string; readonly body: string } {
  return { contentType: 'text/plain; charset=utf-8', body }
}

/** Prometheus and browsers know Basic, and fetch no tokens. */
function basicChallenge(): ProtocolError {
  return new ProtocolError('UNAUTHORIZED', 'metrics are for users of this registry', {
    headers: { 'WWW-Authenticate': 'Basic realm="metrics"' },
  })
}
