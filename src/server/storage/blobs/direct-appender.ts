import type { FileHandle } from 'node:fs/promises'
import type { Appender } from './appender.ts'

/** Writes small bodies in the thread pool, and tells what it wrote. */
export class DirectAppender implements Appender {
  readonly #file: FileHandle
  readonly #onWritten: (chunks: readonly Uint8Array[], position: number) => void
  #end: number
  #error: { readonly error: unknown } | undefined

  constructor(
    file: FileHandle,
    position: number,
    onWritten: (chunks: readonly Uint8Array[], position: number) => void,
  ) {
    this.#file = file
    this.#end = position
    this.#onWritten = onWritten
  }

  get end(): number {
    return this.#end
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    try {
      const length = await this.#writeWhole(chunks)
      this.#onWritten(chunks, this.#end)
      this.#end += length
    } catch (error) {
      this.#error = { error }
      throw error
    }
  }

  async finish(): Promise<void> {
    if (this.#error !== undefined) throw this.#error.error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is under way between the calls.
  }

  async #writeWhole(chunks: readonly Uint8Array[]): Promise<number> {
    let rest = chunks
    let written = 0
    while (rest.length > 0) {
      const { bytesWritten } = await this.#file.writev(rest, this.#end + written)
      written += bytesWritten
      rest = withoutFirst(rest, bytesWritten)
    }
    return written
  }
}

/** The chunks that are left when the first `count` bytes are done: a device may take less than it was given. */
function withoutFirst(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skip = count
  const rest: Uint8Array[] = []
  for (const chunk of chunks) {
    if (skip < chunk.byteLength) rest.push(chunk.subarray(skip))
    skip = Math.max(0, skip - chunk.byteLength)
  }
  return rest
}
