import { UploadWriter } from './upload-writer.ts'

/** The threads that write uploads: two, also where there are only two processors, since one takes up to 1.55 ms for a MB. */
export class UploadWriters implements AsyncDisposable {
  readonly #writers: readonly UploadWriter[]
  #next = 0

  constructor(count: number = 2) {
    this.#writers = Array.from({ length: count }, () => new UploadWriter())
  }

  /** The writer of the next upload, in turn. */
  next(): UploadWriter {
    const writer = this.#writers[this.#next++ % this.#writers.length]
    if (writer === undefined) throw new RangeError('There must be a thread that writes')
    return writer
  }

  /** Starts the threads, which else start at their first use. */
  start(): void {
    for (const writer of this.#writers) writer.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer[Symbol.asyncDispose]()))
  }
}
