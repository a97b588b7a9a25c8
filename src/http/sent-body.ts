import type { ClientRequest } from 'node:http'
import type { Readable } from 'node:stream'
import { WireError } from './wire-error.ts'

/** A stream to send, and how many bytes it has. */
export interface StreamedBody {
  readonly length: number
  readonly source: Readable
}

/**
 * A stream on its way to a server. It is not piped: an error of the stream must never be taken for an error of the
 * connection, and fewer or more bytes than were said must never be sent as if they were right.
 */
export class SentBody {
  readonly #body: StreamedBody
  readonly #request: ClientRequest
  readonly #onFailure: (error: Error) => void
  #sent = 0
  #stopped = false

  /** @param onFailure Called at most once, with the stream's own error, or {@link WireError} for a wrong length. */
  constructor(body: StreamedBody, request: ClientRequest, onFailure: (error: Error) => void) {
    this.#body = body
    this.#request = request
    this.#onFailure = onFailure
    const { source } = body
    source.on('data', this.#send)
    source.on('end', this.#end)
    source.on('error', (error) => this.#fail(error))
    source.on('close', () => {
      if (!source.readableEnded) this.#fail(new Error('The body to send was closed before its end'))
    })
    request.on('drain', this.#resume)
    if (source.errored !== null) this.#fail(source.errored)
  }

  /** Whether the next bytes are for the stream to give, not for the server to take. */
  get waitsForSource(): boolean {
    return !this.#stopped && !this.#request.writableNeedDrain
  }

  /** Sends nothing more, and closes the stream. */
  stop(): void {
    this.#stopped = true
    this.#body.source.destroy()
  }

  readonly #send = (chunk: unknown): void => {
    if (this.#stopped) return
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) {
      this.#fail(new TypeError('The body to send is not made of bytes'))
      return
    }
    this.#sent += Buffer.byteLength(chunk)
    if (this.#sent > this.#body.length) this.#fail(wrongLength())
    else if (!this.#request.write(chunk)) this.#body.source.pause()
  }

  readonly #end = (): void => {
    if (this.#stopped) return
    if (this.#sent !== this.#body.length) {
      this.#fail(wrongLength())
      return
    }
    this.#stopped = true
    this.#request.end()
  }

  readonly #resume = (): void => {
    if (!this.#stopped) this.#body.source.resume()
  }

  #fail(error: Error): void {
    if (this.#stopped) return
    this.stop()
    this.#onFailure(error)
  }
}

function wrongLength(): WireError {
  return new WireError('BODY_LENGTH', 'the body to send is not as long as it was said to be')
}
