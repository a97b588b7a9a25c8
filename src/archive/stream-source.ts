import { Readable } from 'node:stream'
import { type ByteSource, noBytes } from './byte-source.ts'

/**
 * The bytes of a stream. With `signal` a Node stream is destroyed as soon as the signal says so; another
 * iterable is left at its next chunk.
 */
export class StreamSource implements ByteSource {
  position = 0
  readonly #iterator: AsyncIterator<Uint8Array, unknown>
  readonly #signal: AbortSignal | undefined
  readonly #stopListening: () => void
  #chunk: Buffer = noBytes
  #next = 0

  constructor(stream: AsyncIterable<Uint8Array>, signal?: AbortSignal) {
    this.#iterator = stream[Symbol.asyncIterator]()
    this.#signal = signal
    this.#stopListening = destroyOnAbort(stream, signal)
  }

  takeNow(count: number): Buffer | undefined {
    const start = this.#next
    if (this.#chunk.length - start < count) return undefined
    this.#advance(count)
    return this.#chunk.subarray(start, start + count)
  }

  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let missing = count
    while (missing > 0) {
      const part = await this.piece(missing)
      if (part === undefined) break
      parts.push(part)
      missing -= part.length
    }
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)
  }

  async piece(most: number): Promise<Buffer | undefined> {
    if (this.#next === this.#chunk.length && !(await this.#pull())) return undefined
    const start = this.#next
    const count = Math.min(most, this.#chunk.length - start)
    this.#advance(count)
    return this.#chunk.subarray(start, start + count)
  }

  skipNow(count: number): boolean {
    if (this.#chunk.length - this.#next < count) return false
    this.#advance(count)
    return true
  }

  async skip(count: number): Promise<number> {
    let missing = count
    while (missing > 0) {
      if (this.#next === this.#chunk.length && !(await this.#pull())) break
      const here = Math.min(missing, this.#chunk.length - this.#next)
      this.#advance(here)
      missing -= here
    }
    return count - missing
  }

  async drain(): Promise<void> {
    do this.#advance(this.#chunk.length - this.#next)
    while (await this.#pull())
  }

  async close(): Promise<void> {
    this.#stopListening()
    await this.#iterator.return?.()
  }

  #advance(count: number): void {
    this.#next += count
    this.position += count
  }

  /** Gets the next chunk with bytes; false at the end. */
  async #pull(): Promise<boolean> {
    for (;;) {
      this.#signal?.throwIfAborted()
      const { done, value } = await this.#iterator.next()
      if (done === true) return false
      if (!(value instanceof Uint8Array)) throw new TypeError('Cannot read the stream: it gives no bytes')
      if (value.length === 0) continue
      this.#chunk = Buffer.isBuffer(value)
        ? value
        : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      this.#next = 0
      return true
    }
  }
}

/** @returns what ends the listening. */
function destroyOnAbort(stream: unknown, signal: AbortSignal | undefined): () => void {
  if (signal === undefined || !(stream instanceof Readable)) return () => undefined
  const destroy = (): void => {
    stream.destroy(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
  }
  // The reader is told by the next read; without a listener an error between two reads would end the process.
  stream.on('error', () => undefined)
  signal.addEventListener('abort', destroy, { once: true })
  return () => signal.removeEventListener('abort', destroy)
}
