import type { Appender } from './appender.ts'
import type { DigestAlgorithm } from '../../../oci/index.ts'
import { GrowingSync } from './growing-sync.ts'
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
  /** Whether the memory of the chunks is given back at once: nobody else has them. */
  readonly ownsChunks: boolean
}

/**
 * Has a body written and hashed by a thread of its own: the bytes are put into a shared buffer, part by part, which
 * costs this thread one copy and a message for every 256 KiB. What is written is brought to the disk meanwhile; when that
 * fails, the {@link end} is 0, as nothing in the file can be relied on.
 */
export class ThreadAppender implements Appender {
  readonly #writer: UploadWriter
  readonly #file: number
  readonly #buffer: SharedArrayBuffer
  readonly #bytes: Buffer
  readonly #ownsChunks: boolean
  readonly #partBytes: number
  readonly #sync: GrowingSync
  readonly #underWay: Promise<void>[] = []
  #part = 0
  #filled = 0
  #error: { readonly error: unknown } | undefined
  #end: number

  constructor(writer: UploadWriter, options: ThreadAppenderOptions) {
    const { file, algorithm, descriptor, position, signal } = options
    this.#writer = writer
    this.#file = file
    this.#end = position
    this.#sync = new GrowingSync(descriptor, position)
    this.#buffer = writer.takeBuffer()
    this.#bytes = Buffer.from(this.#buffer)
    this.#ownsChunks = options.ownsChunks
    this.#partBytes = this.#bytes.byteLength / partsInBuffer
    const task = { kind: 'open', algorithm, descriptor, position, buffer: this.#buffer } as const
    this.#follow(writer.ask(file, task, signal), 0)
  }

  get end(): number {
    return this.#sync.failure === undefined ? this.#end : 0
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      for (let start = 0; start < chunk.byteLength;) {
        const length = Math.min(chunk.byteLength - start, this.#partBytes - this.#filled)
        copyInto(this.#bytes, this.#part * this.#partBytes + this.#filled, chunk, start, length)
        this.#filled += length
        start += length
        if (this.#filled === this.#partBytes) await this.#send()
      }
      if (this.#ownsChunks) free(chunk)
    }
  }

  async finish(): Promise<void> {
    try {
      if (this.#filled > 0) await this.#send()
      await Promise.all(this.#underWay)
    } finally {
      await this.#sync.settle()
    }
    this.#throwError()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#underWay)
    await this.#sync.settle()
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
      this.#sync.grew(this.#end)
    } catch (error) {
      this.#error ??= { error }
    } finally {
      void this.#underWay.shift()
    }
  }

  #throwError(): void {
    const failure = this.#sync.failure ?? this.#error
    if (failure !== undefined) throw failure.error
  }
}

/**
 * Copies in two halves: Node.js copies the whole of a source by `TypedArray.set`, which goes into shared memory word by
 * word (14 GB/s), and a part of it by memmove (45 GB/s).
 */
function copyInto(target: Buffer, at: number, chunk: Uint8Array, start: number, length: number): void {
  const source = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const half = length >> 1
  source.copy(target, at, start, start + half)
  source.copy(target, at + half, start + half, start + length)
}

/**
 * Gives memory back without waiting for the garbage collector, which would look through the whole heap for every 64 MB
 * that arrive: a third of what a push costs besides hashing and writing.
 */
function free(chunk: Uint8Array): void {
  const { buffer } = chunk
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0)
}
