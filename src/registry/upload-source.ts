import { Readable } from 'node:stream'
import { type Body, ContentVerifier, DamagedContentError, type PushOptions } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { BodyReader } from './body-reader.ts'

/**
 * The bytes of an upload: opened at any offset, as often as the registry needs, and held against the descriptor
 * once. The last bytes are only given when all of them are known to be right, so nothing wrong is ever complete.
 */
export class UploadSource {
  readonly #descriptor: Descriptor
  readonly #onBytes: PushOptions['onBytes']
  readonly #reader: BodyReader
  readonly #verifier: ContentVerifier
  #verified = false
  /** Counts the openings: one that was given up may still come to an end of its own. */
  #turn = 0
  #reported = 0
  #failure: { readonly error: unknown } | undefined

  constructor(descriptor: Descriptor, body: Body, options: PushOptions) {
    this.#descriptor = descriptor
    this.#onBytes = options.onBytes
    this.#reader = new BodyReader(body, options.signal)
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
    this.#turn += 1
    return Readable.from(this.#guarded(start, end, this.#turn), {
      objectMode: false,
      highWaterMark: 256 * 1024,
    })
  }

  /** Lets go of the body. */
  close(): void {
    this.#reader.close()
  }

  async *#guarded(start: number, end: number, turn: number): AsyncGenerator<Uint8Array, void> {
    try {
      yield* this.#part(start, end, turn)
    } catch (error) {
      if (turn === this.#turn) this.#failure = { error }
      throw error
    }
  }

  async *#part(start: number, end: number, turn: number): AsyncGenerator<Uint8Array, void> {
    const { digest, size } = this.#descriptor
    // Past the end, to see that nothing comes after it.
    const readTo = end === size ? size + 1 : end
    let position = start
    let held: Uint8Array | undefined
    this.#report(start, turn)
    for await (const chunk of this.#reader.part(start, readTo)) {
      this.#verify(chunk, position)
      if (held !== undefined) {
        yield held
        this.#report(position, turn)
      }
      position += chunk.length
      held = chunk
    }
    if (position < end) {
      throw new DamagedContentError(
        `Cannot push ${digest}: the body ends after ${position} of the ${size} bytes that its descriptor says`,
      )
    }
    if (end === size) this.#finish()
    if (held !== undefined) yield held
    this.#report(position, turn)
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

  #report(position: number, turn: number): void {
    if (position === this.#reported || turn !== this.#turn) return
    this.#onBytes?.(position - this.#reported)
    this.#reported = position
  }
}
