import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { ResponseBody } from './response-body.ts'
import { SentBody } from './sent-body.ts'

/** One request as it goes over a connection. */
export interface ExchangeRequest {
  readonly origin: string
  /** Path and query, or the whole URL for a proxy that forwards. */
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | Readable | null
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

/** Sends one request and gives its answer as soon as the head is there. */
export async function exchange(
  dispatcher: Pick<Dispatcher, 'dispatch'>,
  request: ExchangeRequest,
): Promise<ExchangeResponse> {
  const body = isStream(request.body) ? new SentBody(request.body) : request.body
  const handler = new ExchangeHandler(request, body instanceof SentBody ? body : undefined)
  dispatcher.dispatch(
    {
      origin: request.origin,
      path: request.path,
      method: request.method,
      headers: request.headers,
      body,
      headersTimeout: request.headersTimeout,
      bodyTimeout: request.bodyTimeout,
      // undici closes the connection after each HEAD unless told not to: a TLS handshake for every blob looked for.
      ...(request.method === 'HEAD' ? { reset: false } : {}),
    },
    handler,
  )
  return handler.response
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest
  readonly #sent: SentBody | undefined
  readonly #head = Promise.withResolvers<ExchangeResponse>()
  #controller: Dispatcher.DispatchController | undefined
  #body: ResponseBody | undefined
  #done = false

  constructor(request: ExchangeRequest, sent: SentBody | undefined) {
    this.#request = request
    this.#sent = sent
    request.signal?.addEventListener('abort', this.#onAbort, { once: true })
    // What goes wrong with it is told by the answer's promise.
    sent?.on('error', () => undefined)
  }

  get response(): Promise<ExchangeResponse> {
    return this.#head.promise
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#request.signal?.aborted === true) controller.abort(asError(this.#request.signal.reason))
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ExchangeResponse['headers'],
  ): void {
    // 1xx: the answer itself is still to come.
    if (status < 200) return
    const body = new ResponseBody(controller)
    this.#body = body
    this.#head.resolve({ status, headers, body })
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.receive(chunk)
  }

  onResponseEnd(): void {
    this.#finish()
    this.#body?.complete()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    this.#fail(error)
  }

  readonly #onAbort = (): void => {
    const reason = asError(this.#request.signal?.reason)
    this.#controller?.abort(reason)
    this.#fail(reason)
  }

  #fail(error: unknown): void {
    if (this.#done) return
    const shown = this.#shownError(error)
    this.#finish()
    this.#head.reject(shown)
    this.#body?.fail(asError(shown))
  }

  #shownError(error: unknown): unknown {
    if (this.#request.signal?.aborted === true) return this.#request.signal.reason
    const own = this.#sent?.sourceError
    return own === undefined ? this.#request.explain(error) : own.error
  }

  #finish(): void {
    if (this.#done) return
    this.#done = true
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
    this.#sent?.destroy()
    this.#request.onDone()
  }
}

function isStream(body: ExchangeRequest['body']): body is Readable {
  return body !== null && !(body instanceof Uint8Array)
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
