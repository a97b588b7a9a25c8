import { Transform, type TransformCallback } from 'node:stream'

const size = 64 * 1024

/** The same bytes in chunks of one size, but for the last. */
export class EvenChunks extends Transform {
  #chunk = Buffer.allocUnsafe(size)
  #length = 0

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let start = 0; start < bytes.length;) {
      const copied = bytes.copy(this.#chunk, this.#length, start)
      start += copied
      this.#length += copied
      if (this.#length === size) {
        this.push(this.#chunk)
        this.#chunk = Buffer.allocUnsafe(size)
        this.#length = 0
      }
    }
    done()
  }

  override _flush(done: TransformCallback): void {
    if (this.#length > 0) this.push(this.#chunk.subarray(0, this.#length))
    done()
  }
}
