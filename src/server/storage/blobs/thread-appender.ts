import type { Appender } from './appender.ts'
import type { DigestAlgorithm } from '../../../oci/index.ts'
import type { UploadWriter } from './upload-writer.ts'

/** Parts that a buffer holds: one is filled while another is being written. */
const partsInBuffer = 3

/** What a {@link ThreadAppender} is made of. */
export interface ThreadAppenderOptions {
  /** The file's number with the writer. */
  readonly file: number
  readonly algorithm: DigestAlgorithm
  /** Stays open until the appender is disposed of. */
  readonly descriptor: number
  /** The end of the file. */
  readonly position: number
  readonly signal: AbortSignal
}

/**
 * Has a body written and hashed by a thread of its own: the bytes are put into a shared buffer, part by part, which
 * costs this thread one copy and a message for every 256 KiB.
 */
export class ThreadAppender implements Appender {
  readonly #writer: UploadWriter
  readonly #file: number
  readonly #buffer: SharedArrayBuffer
  readonly #bytes: Uint8Array
  readonly #partBytes: number
  readonly #underWay: Promise<void>[] = []
  #part = 0
  #filled = 0
  #error: { readonly error: unknown } | undefined
  #end: number

  constructor(
    writer: UploadWriter,
    { file, algorithm, descriptor, position, signal }: ThreadAppenderOptions,
  ) {
    this.#writer = writer
    this.#file = file
    this.#end = position
    this.#buffer = writer.takeBuffer()
    this.#bytes = new Uint8Array(this.#buffer)
    this.#partBytes = this.#bytes.byteLength / partsInBuffer
    const task = { kind: 'open', algorithm, descriptor, position, buffer: this.#buffer } as const
    this.#follow(writer.ask(file, task, signal), 0)
  }

  get end(): number {
    return this.#end
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      for (let start = 0; start < chunk.byteLength;) {
        const length = Math.min(chunk.byteLength - start, this.#partBytes - this.#filled)
        this.#bytes.set(chunk.subarray(start, start + length), this.#part * this.#partBytes + this.#filled)
        this.#filled += length
        start += length
        if (this.#filled === this.#partBytes) await this.#send()
      }
    }
  }

  async finish(): Promise<void> {
    if (this.#filled > 0) await this.#send()
    await Promise.all(this.#underWay)
    this.#throwError()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#underWay)
    this.#writer.giveBuffer(this.#buffer)
  }

  /** Sends the part that was filled, and waits until there is one to fill. */
  async #send(): Promise<void> {
    this.#throwError()
    const length = this.#filled
    const start = this.#part * this.#partBytes
    this.#follow(this.#writer.ask(this.#file, { kind: 'part', start, length }), length)
    this.#filled = 0
    this.#part = (this.#part + 1) % partsInBuffer
    while (this.#underWay.length >= partsInBuffer) await this.#underWay[0]
    this.#throwError()
  }

  #follow(asked: Promise<unknown>, length: number): void {
    this.#underWay.push(this.#settle(asked, length))
  }

  /** Never rejects: an error waits for the next call. */
  async #settle(asked: Promise<unknown>, length: number): Promise<void> {
    try {
      await asked
      this.#end += length
    } catch (error) {
      this.#error ??= { error }
    } finally {
      void this.#underWay.shift()
    }
  }

  #throwError(): void {
    if (this.#error !== undefined) throw this.#error.error
  }
}
