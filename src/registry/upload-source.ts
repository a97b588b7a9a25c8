import { Readable } from 'node:stream'
import { type Body, ContentVerifier, DamagedContentError, type PushOptions } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'

/**
 * The bytes of an upload: opened at any offset, as often as the registry needs, and held against the descriptor
 * once. The last bytes are only given when all of them are known to be right, so nothing wrong is ever complete.
 */
export class UploadSource {
  readonly #descriptor: Descriptor
  readonly #body: Body
  readonly #options: PushOptions
  readonly #verifier: ContentVerifier
  #verified = false
  #reported = 0
  #failure: { readonly error: unknown } | undefined

  constructor(descriptor: Descriptor, body: Body, options: PushOptions) {
    this.#descriptor = descriptor
    this.#body = body
    this.#options = options
    this.#verifier = new ContentVerifier(descriptor)
  }

  /** What went wrong on this side, when something did: the body could not be read, or is not what its descriptor says. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  /** Bytes that have been given at least once. */
  get seen(): number {
    return this.#verifier.seen
  }

  /** Gives the bytes from `start` up to `end`, which is not included. */
  async open(start: number, end: number): Promise<Readable> {
    return Readable.from(this.#guarded(start, end), { objectMode: false, highWaterMark: 256 * 1024 })
  }

  async *#guarded(start: number, end: number): AsyncGenerator<Uint8Array, void> {
    try {
      yield* this.#part(start, end)
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }

  async *#part(start: number, end: number): AsyncGenerator<Uint8Array, void> {
    this.#report(start)
    const stream = await this.#body.open(start, { signal: this.#options.signal })
    const last = end === this.#descriptor.size
    let position = start
    let held: Uint8Array | undefined
    try {
      for await (const chunk of stream) {
        if (!(chunk instanceof Uint8Array))
          throw new DamagedContentError('Cannot push: the body does not give bytes')
        const part = last ? chunk : chunk.subarray(0, end - position)
        this.#verify(part, position)
        position += part.length
        if (held !== undefined) yield held
        this.#report(position - part.length)
        held = part
        if (!last && position >= end) break
      }
      if (last) this.#finish()
      if (held !== undefined) yield held
      this.#report(position)
    } finally {
      stream.destroy()
    }
    if (position !== end) {
      throw new DamagedContentError(
        `Cannot push ${this.#descriptor.digest}: the body ends after ${position} of its ${this.#descriptor.size} bytes`,
      )
    }
  }

  /** Each byte is hashed once, in order; what is sent again was seen before. */
  #verify(chunk: Uint8Array, position: number): void {
    const known = this.#verifier.seen - position
    if (known < 0)
      throw new DamagedContentError(`Cannot push ${this.#descriptor.digest}: bytes were left out`)
    if (known < chunk.length) this.#verifier.update(known === 0 ? chunk : chunk.subarray(known))
  }

  #finish(): void {
    if (this.#verified) return
    this.#verifier.finish()
    this.#verified = true
  }

  #report(position: number): void {
    if (position === this.#reported) return
    this.#options.onBytes?.(position - this.#reported)
    this.#reported = position
  }
}
