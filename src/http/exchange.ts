import { type Agent, type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { ResponseBody } from './response-body.ts'
import { SentBody, type StreamedBody } from './sent-body.ts'
import { WireError } from './wire-error.ts'

/** One request as it goes over a connection. */
export interface ExchangeRequest {
  /** `host[:port]`, the value of `Host`. */
  readonly host: string
  /** Path and query, or the whole URL for a proxy that forwards. */
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | StreamedBody | null
  /** Milliseconds. */
  readonly headersTimeout: number
  /** Milliseconds. */
  readonly bodyTimeout: number
  readonly signal: AbortSignal | undefined
  /** Makes an error of the connection one for the caller. */
  readonly explain: (error: unknown) => Error
  /** Called once, as soon as the connection is not needed any more, whatever happened. */
  readonly onDone: () => void
}

/** The head of an answer, and its body as it comes. */
export interface ExchangeResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Readable
}

/** Sends one request over a connection of the agent and gives its answer as soon as the head is there. */
export async function exchange(agent: Agent, request: ExchangeRequest): Promise<ExchangeResponse> {
  return new Exchange(agent, request).response
}

class Exchange {
  readonly #request: ExchangeRequest
  readonly #head = Promise.withResolvers<ExchangeResponse>()
  #outgoing: ClientRequest | undefined
  #incoming: IncomingMessage | undefined
  #socket: Socket | undefined
  #sent: SentBody | undefined
  #body: ResponseBody | undefined
  #settled = false
  #done = false

  constructor(agent: Agent, request: ExchangeRequest) {
    this.#request = request
    request.signal?.addEventListener('abort', this.#onAbort, { once: true })
    try {
      this.#send(agent)
    } catch (error) {
      // The request cannot be written down: a header holds what no header may.
      if (isStreamed(request.body)) request.body.source.destroy()
      this.#fail(error)
    }
  }

  get response(): Promise<ExchangeResponse> {
    return this.#head.promise
  }

  #send(agent: Agent): void {
    const { host, path, method, headers, body, signal } = this.#request
    const outgoing = openRequest({
      agent,
      path,
      method,
      headers: { host, ...headers, ...(isStreamed(body) ? {} : lengthOf(method, body)) },
      setHost: false,
    })
    this.#outgoing = outgoing
    outgoing.on('error', (error) => this.#fail(error))
    outgoing.on('close', this.#onClose)
    outgoing.on('socket', this.#onSocket)
    outgoing.on('response', this.#onResponse)
    if (isStreamed(body)) this.#sent = new SentBody(body, outgoing, this.#onSourceFailure)
    else if (body === null) outgoing.end()
    else outgoing.end(body)
    if (signal?.aborted === true) this.#onAbort()
  }

  readonly #onSocket = (socket: Socket): void => {
    if (this.#settled) return
    this.#socket = socket
    socket.setTimeout(this.#request.headersTimeout)
    socket.on('timeout', this.#onIdle)
  }

  readonly #onResponse = (incoming: IncomingMessage): void => {
    if (this.#settled) return
    this.#incoming = incoming
    this.#socket?.setTimeout(this.#request.bodyTimeout)
    // What was refused needs no rest; while a server that closes the connection still gets some, its answer may be lost.
    if ((incoming.statusCode ?? 0) >= 300) this.#sent?.stop()
    if (endsWithHead(this.#request.method, incoming) && this.#outgoing) this.#outgoing.shouldKeepAlive = true
    const body = new ResponseBody({
      pause: () => void incoming.pause(),
      resume: () => this.#resume(incoming),
      abort: (reason) => this.#fail(reason),
    })
    this.#body = body
    incoming.on('data', (chunk: Buffer) => body.receive(chunk))
    incoming.on('end', this.#onEnd)
    incoming.on('error', (error) => this.#fail(error))
    this.#head.resolve({ status: incoming.statusCode ?? 0, headers: incoming.headersDistinct, body })
  }

  #resume(incoming: IncomingMessage): void {
    // The time that a reader took is not the server's.
    if (incoming.isPaused() && !this.#settled) this.#socket?.setTimeout(this.#request.bodyTimeout)
    incoming.resume()
  }

  readonly #onEnd = (): void => {
    if (this.#incoming?.complete !== true) {
      this.#fail(incomplete())
      return
    }
    // The server knows its answer without the rest: a connection with half a request on it is of no more use.
    const partlySent = this.#outgoing?.writableFinished !== true
    this.#settle()
    this.#body?.complete()
    if (partlySent) this.#outgoing?.destroy()
  }

  /** The socket is free for the next request as soon as this listener returns, or it is closed. */
  readonly #onClose = (): void => {
    this.#fail(incomplete())
    this.#finish()
  }

  /** Nothing went over the connection for a while. That is the server's fault only where the server has its turn. */
  readonly #onIdle = (): void => {
    const waitsForReader = this.#incoming?.isPaused() === true
    if (waitsForReader || this.#sent?.waitsForSource === true) {
      this.#socket?.setTimeout(this.#incoming ? this.#request.bodyTimeout : this.#request.headersTimeout)
    } else if (this.#incoming === undefined) {
      this.#fail(new WireError('HEADERS_TIMEOUT', 'no answer came in time'))
    } else {
      this.#fail(new WireError('BODY_TIMEOUT', 'the answer stopped in the middle'))
    }
  }

  readonly #onAbort = (): void => this.#fail(this.#request.signal?.reason)

  readonly #onSourceFailure = (error: Error): void =>
    this.#failAs(error instanceof WireError ? this.#request.explain(error) : error)

  #fail(error: unknown): void {
    const { signal, explain } = this.#request
    if (!this.#settled) this.#failAs(signal?.aborted === true ? signal.reason : explain(error))
  }

  /** @param shown Whatever a signal was aborted with, or an error. */
  #failAs(shown: unknown): void {
    if (this.#settled) return
    this.#settle()
    this.#head.reject(shown)
    this.#body?.fail(shown instanceof Error ? shown : new Error(String(shown)))
    this.#outgoing?.destroy()
    this.#finish()
  }

  /** Nothing that happens from here on changes how the exchange ended. */
  #settle(): void {
    this.#settled = true
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
    this.#socket?.off('timeout', this.#onIdle)
    this.#sent?.stop()
  }

  #finish(): void {
    if (this.#done) return
    this.#done = true
    this.#request.onDone()
  }
}

/**
 * Whether nothing but its head belongs to an answer. Node.js takes an answer to HEAD that names no length for one that
 * lasts until the connection ends, and would close it: a handshake for every blob looked for.
 */
function endsWithHead(method: string, { httpVersion, headers }: IncomingMessage): boolean {
  return method === 'HEAD' && httpVersion === '1.1' && !/\bclose\b/i.test(headers.connection ?? '')
}

/** Servers want a length of 0 where a body would have a meaning (RFC 9110, section 8.6). */
function lengthOf(method: string, body: Uint8Array | null): Readonly<Record<string, string>> {
  if (body !== null) return { 'content-length': String(body.byteLength) }
  return method === 'PUT' || method === 'POST' || method === 'PATCH' ? { 'content-length': '0' } : {}
}

function incomplete(): WireError {
  return new WireError('INCOMPLETE', 'the connection was closed before the answer ended')
}

function isStreamed(body: ExchangeRequest['body']): body is StreamedBody {
  return body !== null && !(body instanceof Uint8Array)
}
