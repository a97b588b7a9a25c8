import type { Readable } from 'node:stream'
import { type Body, DamagedContentError } from '../content/index.ts'

/** One opening of a body. A part that was given up may still hold on to an old one, and cannot disturb the new. */
interface Opening {
  readonly stream: Readable
  readonly chunks: AsyncIterator<unknown>
  /** Where the next byte to give is. */
  position: number
  /** What was read and not given yet, because a part ended in it. */
  rest: Uint8Array | undefined
}

/**
 * Reads a body part after part. Parts that follow each other come from one opening of it, so that an upload in
 * chunks costs its source one request; a part from elsewhere opens it anew.
 */
export class BodyReader {
  readonly #body: Body
  readonly #signal: AbortSignal | undefined
  #opening: Opening | undefined

  constructor(body: Body, signal: AbortSignal | undefined) {
    this.#body = body
    this.#signal = signal
  }

  /** Gives the bytes from `start` up to `end`, which is not included, or to the body's end if that comes first. */
  async *part(start: number, end: number): AsyncGenerator<Uint8Array, void> {
    const opening = this.#opening?.position === start ? this.#opening : await this.#open(start)
    while (opening.position < end) {
      const chunk = await nextChunk(opening)
      if (chunk === undefined) return
      const wanted = chunk.subarray(0, end - opening.position)
      opening.rest = wanted.length < chunk.length ? chunk.subarray(wanted.length) : undefined
      opening.position += wanted.length
      yield wanted
    }
  }

  /** Lets go of the body. */
  close(): void {
    this.#opening?.stream.destroy()
    this.#opening = undefined
  }

  async #open(start: number): Promise<Opening> {
    this.close()
    const stream = await this.#body.open(start, { signal: this.#signal })
    const opening = { stream, chunks: stream[Symbol.asyncIterator](), position: start, rest: undefined }
    this.#opening = opening
    return opening
  }
}

async function nextChunk(opening: Opening): Promise<Uint8Array | undefined> {
  if (opening.rest !== undefined) return opening.rest
  const next: IteratorResult<unknown, unknown> = await opening.chunks.next()
  if (next.done === true) return undefined
  if (!(next.value instanceof Uint8Array)) {
    throw new DamagedContentError('Cannot push: the body does not give bytes')
  }
  return next.value
}
