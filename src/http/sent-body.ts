import { Readable } from 'node:stream'

/**
 * A stream on its way to a server. It stands between the caller's stream and the connection so that an error
 * of the one is never taken for an error of the other: the connection destroys what it reads from with its
 * own errors. Chunks pass by reference.
 */
export class SentBody extends Readable {
  readonly #source: Readable
  #sourceError: { readonly error: unknown } | undefined

  constructor(source: Readable) {
    super({ highWaterMark: 256 * 1024 })
    this.#source = source
    source.on('data', (chunk: unknown) => {
      if (!this.push(chunk)) source.pause()
    })
    source.on('end', () => this.push(null))
    source.on('error', (error) => this.#failWith(error))
    source.on('close', () => {
      if (!source.readableEnded) this.#failWith(new Error('The body to send was closed before its end'))
    })
    if (source.errored !== null) this.#failWith(source.errored)
  }

  /** The error of the caller's stream, once it had one. */
  get sourceError(): { readonly error: unknown } | undefined {
    return this.#sourceError
  }

  override _read(): void {
    this.#source.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#source.destroy()
    callback(error)
  }

  #failWith(error: Error): void {
    // Closed by this side, when the connection wants no more.
    if (this.destroyed) return
    this.#sourceError ??= { error }
    this.destroy(error)
  }
}
