import type { FileHandle } from 'node:fs/promises'
import { type ByteSource, noBytes } from './byte-source.ts'

const readSize = 64 * 1024

/** The bytes of a file, read by position: what is skipped is not read. */
export class FileSource implements ByteSource {
  position = 0
  readonly #file: FileHandle
  readonly #size: number
  readonly #signal: AbortSignal | undefined
  /** Read ahead from `#bufferedAt`. */
  #buffered: Buffer = noBytes
  #bufferedAt = 0

  constructor(file: FileHandle, size: number, signal?: AbortSignal) {
    this.#file = file
    this.#size = size
    this.#signal = signal
  }

  takeNow(count: number): Buffer | undefined {
    const start = this.position - this.#bufferedAt
    if (start < 0 || start + count > this.#buffered.length) return undefined
    this.position += count
    return this.#buffered.subarray(start, start + count)
  }

  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let missing = count; missing > 0;) {
      const part = await this.piece(missing)
      if (part === undefined) break
      parts.push(part)
      missing -= part.length
    }
    return Buffer.concat(parts)
  }

  async piece(most: number): Promise<Buffer | undefined> {
    let start = this.position - this.#bufferedAt
    if (start < 0 || start >= this.#buffered.length) {
      await this.#readAhead(most)
      start = 0
    }
    const part = this.#buffered.subarray(start, start + most)
    this.position += part.length
    return part.length === 0 ? undefined : part
  }

  skipNow(count: number): boolean {
    if (this.position + count > this.#size) return false
    this.position += count
    return true
  }

  async skip(count: number): Promise<number> {
    const there = Math.min(count, Math.max(0, this.#size - this.position))
    this.position += there
    return there
  }

  /** What follows the end of an archive on disk is nobody's check. */
  async drain(): Promise<void> {}

  /** The file belongs to the caller. */
  async close(): Promise<void> {}

  async #readAhead(most: number): Promise<void> {
    this.#signal?.throwIfAborted()
    // After a skip mostly one header is wanted; in a body as much as may be.
    const length = most > 512 ? readSize : 4096
    const buffer = Buffer.allocUnsafe(length)
    const { bytesRead } = await this.#file.read(buffer, 0, length, this.position)
    this.#buffered = buffer.subarray(0, bytesRead)
    this.#bufferedAt = this.position
  }
}
