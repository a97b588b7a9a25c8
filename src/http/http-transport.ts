import { redactUrl } from '../errors/index.ts'
import type { AddressGuard } from './address-guard.ts'
import { connectionError } from './connection-error.ts'
import type { Connections } from './connections.ts'
import { HttpRefusedError } from './errors.ts'
import { exchange } from './exchange.ts'
import { parseWarnings } from './parse-warning.ts'
import { ReceivedResponse } from './received-response.ts'
import { type PreparedRequest, redirectTarget } from './redirect-target.ts'
import { mayRepeatAfterAnswer, mayRepeatAfterError } from './may-repeat.ts'
import { parseRetryAfter, retryDelay } from './retry-delay.ts'
import type { StreamedBody } from './sent-body.ts'
import { Slots } from './slots.ts'
import type { HttpRequest, HttpResponse, HttpWait, Transport, TransportOptions } from './types.ts'

/** As many redirects as are followed. */
const maxRedirects = 10

/** As many distinct warnings of servers are passed on; a server could make each of its answers another. */
const mostWarnings = 20

/** A transport's parts and settings, every one decided. */
export interface HttpTransportParts {
  readonly onWait: TransportOptions['onWait'] | undefined
  readonly onWarning: TransportOptions['onWarning'] | undefined
  readonly onExchange: TransportOptions['onExchange'] | undefined
  readonly guard: AddressGuard
  readonly connections: Connections
  readonly userAgent: string
  readonly requestsPerHost: number
  readonly tries: number
  /** Seconds. */
  readonly maxRetryAfter: number
  /** Milliseconds. */
  readonly headersTimeout: number
  /** Milliseconds. */
  readonly bodyTimeout: number
  readonly wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
  readonly now: () => number
  readonly random: () => number
}

/** A {@link Transport} over connections that are kept alive. */
export class HttpTransport implements Transport {
  readonly #parts: HttpTransportParts
  readonly #slots = new Map<string, Slots>()
  readonly #warned = new Set<string>()

  constructor(parts: HttpTransportParts) {
    this.#parts = parts
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const owner = request.onBehalfOf ?? request.url
    const follow = (request.redirect ?? (isReading(request) ? 'follow' : 'manual')) === 'follow'
    let current: PreparedRequest = { ...request, headers: this.#headersFor(request) }
    for (let redirects = 0; ; redirects++) {
      const response = await this.#sendUntilAnswered(current, owner)
      const next = follow ? redirectTarget(current, response) : undefined
      if (next === undefined) return response
      await response.discard()
      if (redirects === maxRedirects) throw tooManyRedirects(request.url)
      current = next
    }
  }

  async close(): Promise<void> {
    await this.#parts.connections.close()
  }

  /** Sends a request as often as it may be sent, until there is an answer that is final. */
  async #sendUntilAnswered(request: PreparedRequest, owner: URL): Promise<HttpResponse> {
    for (let tries = 1; ; tries++) {
      const last = tries >= this.#parts.tries
      let wait: HttpWait
      try {
        const response = await this.#send(request, owner)
        if (last || !mayRepeatAfterAnswer(request, response.status)) return response
        const seconds = this.#secondsUntilRetry(tries, response.header('retry-after'))
        if (seconds === undefined) return response
        await response.discard()
        const reason = response.status === 429 ? 'rate-limited' : 'server-error'
        wait = { host: request.url.host, seconds, reason }
      } catch (error) {
        if (last || !mayRepeatAfterError(request, error)) throw error
        const seconds = this.#secondsUntilRetry(tries, undefined) ?? 0
        wait = { host: request.url.host, seconds, reason: 'connection' }
      }
      this.#parts.onWait?.(wait)
      await this.#parts.wait(wait.seconds * 1000, request.signal)
    }
  }

  /** Undefined when the server asks for more patience than there is. */
  #secondsUntilRetry(tries: number, retryAfter: string | undefined): number | undefined {
    const { maxRetryAfter } = this.#parts
    const now = this.#parts.now()
    if (retryAfter !== undefined && (parseRetryAfter(retryAfter, now) ?? 0) > maxRetryAfter) return undefined
    return retryDelay({ tries, retryAfter, now, random: this.#parts.random() })
  }

  /** Sends a request once. */
  async #send(request: PreparedRequest, owner: URL): Promise<HttpResponse> {
    const { url, method, signal } = request
    signal?.throwIfAborted()
    const guarded = await this.#parts.guard.guards(url, owner)
    const connection = await this.#parts.connections.to(url, guarded)
    const giveBackSlot = await this.#slotsFor(request).take(signal)
    const started = this.#parts.now()
    let status = 0
    try {
      const body = await openBody(request, giveBackSlot)
      const answer = await exchange(connection.agent, {
        host: url.host,
        path: connection.forwarded
          ? `${url.origin}${url.pathname}${url.search}`
          : `${url.pathname}${url.search}`,
        method,
        headers: { ...request.headers, ...connection.headers },
        body,
        headersTimeout: request.headersTimeout ?? this.#parts.headersTimeout,
        bodyTimeout: this.#parts.bodyTimeout,
        signal,
        explain: (error) => connectionError(method, url, error),
        onDone: giveBackSlot,
      })
      status = answer.status
      const response = new ReceivedResponse(url, answer)
      this.#reportWarnings(response)
      return response
    } finally {
      const milliseconds = this.#parts.now() - started
      this.#parts.onExchange?.({ method, url: redactUrl(url), status, milliseconds })
    }
  }

  /**
   * Requests to one host wait for each other. Those that send a stream are counted apart: what they send may
   * be the body of an answer from the same host, which holds a place of its own until they are done.
   */
  #slotsFor({ url, body }: PreparedRequest): Slots {
    const streams = body !== undefined && !(body instanceof Uint8Array)
    const key = `${streams ? 'stream ' : ''}${url.origin}`
    let slots = this.#slots.get(key)
    if (slots === undefined) {
      slots = new Slots(this.#parts.requestsPerHost)
      this.#slots.set(key, slots)
    }
    return slots
  }

  #headersFor({ headers = {}, body, method }: HttpRequest): Record<string, string> {
    const streamed = body !== undefined && !(body instanceof Uint8Array)
    return {
      'user-agent': this.#parts.userAgent,
      // Blobs are hashed as they are stored: nothing may be compressed on the way.
      ...(method === 'GET' && { 'accept-encoding': 'identity' }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      ...(streamed && { 'content-length': String(body.length) }),
    }
  }

  #reportWarnings(response: HttpResponse): void {
    const { onWarning } = this.#parts
    if (onWarning === undefined) return
    const { host } = response.url
    for (const text of response.headerValues('warning').flatMap(parseWarnings)) {
      const key = `${host} ${text}`
      if (this.#warned.has(key) || this.#warned.size >= mostWarnings) continue
      this.#warned.add(key)
      onWarning({ host, text })
    }
  }
}

async function openBody(
  { body }: HttpRequest,
  giveBackSlot: () => void,
): Promise<Uint8Array | StreamedBody | null> {
  if (body === undefined) return null
  if (body instanceof Uint8Array) return body
  if (body.length === 0) return null
  try {
    return { length: body.length, source: await body.open() }
  } catch (error) {
    giveBackSlot()
    throw error
  }
}

function isReading({ method }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

function tooManyRedirects(url: URL): HttpRefusedError {
  return new HttpRefusedError(
    `Cannot follow ${redactUrl(url)}: it leads to more than ${maxRedirects} redirects`,
  )
}
