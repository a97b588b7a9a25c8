import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange } from './log/exchange.ts'
import { ProtocolError } from './protocol-error.ts'

/** Answers a request. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
) => Promise<void> | void

/** Who answers what. */
export interface Handlers {
  /** `/v2` and everything below it; rejects never. */
  readonly protocol: Dispatch
  readonly token: Handler
  readonly alive: Handler
  readonly ready: Handler
  readonly metrics: Handler
  readonly landing: Handler
  /** Answers what was thrown; rejects never. */
  readonly error: (...failed: [...Parameters<Handler>, error: unknown]) => Promise<void>
}

/** Answers a request; rejects never. */
export type Dispatch = (...exchange: Parameters<Handler>) => Promise<void>

/** Hands each request to who answers it. What is thrown is answered too. */
export function createDispatch(handlers: Handlers): Dispatch {
  const pages: ReadonlyMap<string, readonly [route: string, handler: Handler]> = new Map([
    ['/token', ['token', handlers.token]],
    ['/healthz', ['health', readOnly(handlers.alive)]],
    ['/readyz', ['health', readOnly(handlers.ready)]],
    ['/metrics', ['metrics', readOnly(handlers.metrics)]],
    ['/', ['landing', readOnly(handlers.landing)]],
  ])
  // Not async itself: with a promise less, what is asked for most is answered sooner.
  return (request, response, exchange) => {
    try {
      checkExpectations(request)
      const target = originForm(request)
      return isProtocol(target)
        ? handlers.protocol(request, response, exchange)
        : answerPage(target, request, response, exchange)
    } catch (error) {
      return handlers.error(request, response, exchange, error)
    }
  }

  async function answerPage(
    target: string,
    ...[request, response, exchange]: Parameters<Handler>
  ): Promise<void> {
    try {
      const query = target.indexOf('?')
      const page = pages.get(query < 0 ? target : target.slice(0, query))
      if (page === undefined) throw new ProtocolError('UNSUPPORTED', 'there is nothing here', { status: 404 })
      const [route, handler] = page
      exchange.route = route
      await handler(request, response, exchange)
    } catch (error) {
      await handlers.error(request, response, exchange, error)
    }
  }
}

function checkExpectations({ headers, httpVersion }: IncomingMessage): void {
  if (headers.host === undefined && httpVersion === '1.1') {
    throw new ProtocolError('UNSUPPORTED', 'the request names no Host', { status: 400 })
  }
  if (headers.expect !== undefined && !/^100-continue$/i.test(headers.expect)) {
    throw new ProtocolError('UNSUPPORTED', 'nothing but 100-continue can be expected', { status: 417 })
  }
}

/**
 * The request's target as path and query. One in absolute form, which servers have to take (RFC 9112 section 3.2.2),
 * is shortened to that once, for everybody who reads it later.
 */
function originForm(request: IncomingMessage): string {
  const target = request.url ?? '/'
  if (target.startsWith('/')) return target
  const rest = /^https?:\/\/[^/?#]*(?<rest>.*)$/is.exec(target)?.groups?.['rest']
  if (rest === undefined) return target
  request.url = rest.startsWith('/') ? rest : `/${rest}`
  return request.url
}

function isProtocol(target: string): boolean {
  if (!target.startsWith('/v2')) return false
  const next = target[3]
  return next === undefined || next === '/' || next === '?'
}

function readOnly(handler: Handler): Handler {
  return (request, response, exchange) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new ProtocolError('UNSUPPORTED', 'this is only to be read', { headers: { Allow: 'GET, HEAD' } })
    }
    return handler(request, response, exchange)
  }
}
