import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { RequestTrace } from '../routes/request-trace.ts'
import { ClientGoneError } from './client-gone-error.ts'

/** What an {@link Exchange} is made of. */
export interface ExchangeParts {
  readonly id: string
  /** The client's address. */
  readonly client: string
  readonly log: Logger
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** A request and its answer, as the log and the metrics see them. */
export class Exchange implements RequestTrace {
  readonly id: string
  route = 'other'
  repository: string | undefined
  user: string | undefined
  /** The client's address. */
  readonly client: string
  readonly #log: Logger
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #ownLog: Logger | undefined
  #controller: AbortController | undefined

  constructor({ id, client, log, request, response }: ExchangeParts) {
    this.id = id
    this.client = client
    this.#log = log
    this.#request = request
    this.#response = response
  }

  /** Names the request in each of its lines. Made when something is said: most requests say nothing. */
  get log(): Logger {
    this.#ownLog ??= this.#log.child({ id: this.id })
    return this.#ownLog
  }

  /** Made when somebody asks: most requests are answered before a client can go away. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#isCutOff()) this.#abort()
    }
    return this.#controller.signal
  }

  /** To be called when the answer is closed. */
  close(): void {
    if (this.#controller !== undefined && this.#isCutOff()) this.#abort()
  }

  #isCutOff(): boolean {
    return this.#response.destroyed && !this.#response.writableFinished
  }

  #abort(): void {
    this.#controller?.abort(new ClientGoneError(this.#request.errored ?? undefined))
  }
}
