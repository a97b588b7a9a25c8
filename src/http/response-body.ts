import { Readable } from 'node:stream'

/** As much of a body as is read ahead of its reader, in bytes. */
const readAhead = 256 * 1024

/** What a body tells the connection that it comes from. */
export interface BodySource {
  pause(): void
  resume(): void
  /** The reader wants no more. */
  abort(reason: Error): void
}

/** An answer's body. Destroyed before its end it closes the connection that it comes from. */
export class ResponseBody extends Readable {
  readonly #source: BodySource
  #complete = false

  constructor(source: BodySource) {
    super({ highWaterMark: readAhead })
    this.#source = source
    // A reader that comes after the error finds it in the stream; one that never comes must not crash the process.
    this.on('error', () => undefined)
  }

  /** Takes bytes that came. */
  receive(chunk: Buffer): void {
    if (!this.push(chunk)) this.#source.pause()
  }

  /** All bytes came. */
  complete(): void {
    this.#complete = true
    this.push(null)
  }

  /** No more bytes come: the connection broke. */
  fail(error: Error): void {
    this.#complete = true
    this.destroy(error)
  }

  override _read(): void {
    this.#source.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#complete) this.#source.abort(error ?? new Error('The body is not wanted'))
    callback(error)
  }
}
