import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { DamagedContentError } from '../../../content/index.ts'
import { type Digest, type DigestAlgorithm, parseDigest } from '../../../oci/index.ts'

/** How much of a file is read at once. */
const readBytes = 1024 * 1024

/** The hash of a file that grows: told what is appended, it never reads that again. */
export class UploadHash {
  readonly algorithm: DigestAlgorithm
  #hash: Hash
  #bytes = 0

  constructor(algorithm: DigestAlgorithm) {
    this.algorithm = algorithm
    this.#hash = createHash(algorithm)
  }

  /** Takes bytes that stand in the file from `position` on. What does not follow what was hashed is left to {@link digest}. */
  update(batch: readonly Uint8Array[], position: number): void {
    if (position !== this.#bytes) return
    for (const chunk of batch) {
      this.#hash.update(chunk)
      this.#bytes += chunk.byteLength
    }
  }

  /** Forgets everything when the file was cut before the end of what was hashed. */
  truncated(size: number): void {
    if (size >= this.#bytes) return
    this.#hash = createHash(this.algorithm)
    this.#bytes = 0
  }

  /** The digest of the file's first `size` bytes; reads those that it was not told. */
  async digest(file: FileHandle, size: number, signal: AbortSignal | undefined): Promise<Digest> {
    this.truncated(size)
    const buffer = this.#bytes < size ? Buffer.allocUnsafe(readBytes) : Buffer.alloc(0)
    while (this.#bytes < size) {
      signal?.throwIfAborted()
      const length = Math.min(buffer.byteLength, size - this.#bytes)
      const { bytesRead } = await file.read(buffer, 0, length, this.#bytes)
      if (bytesRead === 0) throw new DamagedContentError('Cannot hash the upload: its file became shorter')
      this.update([buffer.subarray(0, bytesRead)], this.#bytes)
    }
    return parseDigest(`${this.algorithm}:${this.#hash.copy().digest('hex')}`)
  }
}
