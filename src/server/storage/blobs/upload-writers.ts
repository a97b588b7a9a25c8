import { availableParallelism } from 'node:os'
import { UploadWriter } from './upload-writer.ts'

/** The threads that write uploads: as many as leave the other processors for requests and the kernel. */
export class UploadWriters implements AsyncDisposable {
  readonly #writers: readonly UploadWriter[]
  #next = 0

  constructor(count: number = availableParallelism() < 4 ? 1 : 2) {
    this.#writers = Array.from({ length: count }, () => new UploadWriter())
  }

  /** The writer of the next upload, in turn. */
  next(): UploadWriter {
    const writer = this.#writers[this.#next++ % this.#writers.length]
    if (writer === undefined) throw new RangeError('There must be a thread that writes')
    return writer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer[Symbol.asyncDispose]()))
  }
}
