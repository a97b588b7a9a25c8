import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { ResponseBody } from './response-body.ts'

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
  const handler = new ExchangeHandler(request)
  dispatcher.dispatch(
    {
      origin: request.origin,
      path: request.path,
      method: request.method,
      headers: request.headers,
      body: request.body,
      headersTimeout: request.headersTimeout,
      bodyTimeout: request.bodyTimeout,
    },
    handler,
  )
  return handler.response
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest
  readonly #head = Promise.withResolvers<ExchangeResponse>()
  #controller: Dispatcher.DispatchController | undefined
  #body: ResponseBody | undefined
  /** The error of the body that is sent, which is the caller's own. */
  #sourceError: { readonly error: unknown } | undefined
  #done = false

  constructor(request: ExchangeRequest) {
    this.#request = request
    request.signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (isStream(request.body)) {
      // Stays for the stream's whole life: an error that comes after the end of the exchange is nobody's.
      request.body.on('error', (error) => {
        this.#sourceError ??= { error }
      })
    }
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
    return this.#sourceError === undefined ? this.#request.explain(error) : this.#sourceError.error
  }

  #finish(): void {
    if (this.#done) return
    this.#done = true
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
    if (isStream(this.#request.body)) this.#request.body.destroy()
    this.#request.onDone()
  }
}

function isStream(body: ExchangeRequest['body']): body is Readable {
  return body !== null && !(body instanceof Uint8Array)
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
