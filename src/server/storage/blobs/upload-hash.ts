import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { DamagedContentError } from '../../../content/index.ts'
import { type Digest, type DigestAlgorithm, digestOf, parseDigest } from '../../../oci/index.ts'
import type { Appender } from './appender.ts'
import { DirectAppender } from './direct-appender.ts'
import { ThreadAppender } from './thread-appender.ts'
import type { UploadWriter } from './upload-writer.ts'

/** A body of at most as many bytes is written and hashed without another thread. */
export const directBytes: number = 256 * 1024

/** How a body is appended. */
export interface AppenderOptions {
  /** The end of the file. */
  readonly position: number
  /** Whether the body has no more than {@link directBytes}. */
  readonly isSmall: boolean
  /** Whether the body's chunks are nobody else's. */
  readonly ownsChunks: boolean
  readonly signal: AbortSignal
}

/**
 * The hash of an upload's file, kept while the file grows: here while all its bodies are small, in a writer's thread
 * from the first large one on. What was written without it (before a restart, with another algorithm) is read.
 */
export class UploadHash {
  readonly algorithm: DigestAlgorithm
  readonly #writer: UploadWriter
  #hash: Hash
  #hashed = 0
  /** The file's number with the writer, once it has it. */
  #number: number | undefined

  constructor(algorithm: DigestAlgorithm, writer: UploadWriter) {
    this.algorithm = algorithm
    this.#writer = writer
    this.#hash = createHash(algorithm)
  }

  /** What appends a body to the file and hashes it. */
  appender(file: FileHandle, options: AppenderOptions): Appender {
    const { position, signal, ownsChunks } = options
    if (options.isSmall && this.#number === undefined)
      return new DirectAppender(file, position, (chunks, start) => this.#update(chunks, start))
    const number = (this.#number ??= this.#writer.newFile())
    const { algorithm } = this
    return new ThreadAppender(this.#writer, {
      file: number,
      algorithm,
      descriptor: file.fd,
      position,
      signal,
      ownsChunks,
    })
  }

  /** The file was cut: what was hashed behind its end is forgotten. */
  async cut(size: number): Promise<void> {
    if (this.#number !== undefined) await this.#writer.ask(this.#number, { kind: 'cut', size })
    if (this.#hashed <= size) return
    this.#hash = createHash(this.algorithm)
    this.#hashed = 0
  }

  /** The digest of the file's first `size` bytes. */
  async digest(
    file: FileHandle,
    size: number,
    algorithm: DigestAlgorithm,
    signal: AbortSignal | undefined,
  ): Promise<Digest> {
    if (this.#number === undefined) {
      if (algorithm === this.algorithm && this.#hashed === size)
        return parseDigest(`${algorithm}:${this.#hash.copy().digest('hex')}`)
      if (size <= directBytes) return digestOf(await readWhole(file, size), algorithm)
    }
    const number = (this.#number ??= this.#writer.newFile())
    const task = { kind: 'digest', algorithm, descriptor: file.fd, size } as const
    const hex = await this.#writer.ask(number, task, signal)
    return parseDigest(`${algorithm}:${hex ?? ''}`)
  }

  /** Lets go of what is kept elsewhere. */
  forget(): void {
    if (this.#number !== undefined) this.#writer.forget(this.#number)
    this.#number = undefined
  }

  #update(chunks: readonly Uint8Array[], position: number): void {
    if (position !== this.#hashed) return
    for (const chunk of chunks) {
      this.#hash.update(chunk)
      this.#hashed += chunk.byteLength
    }
  }
}

async function readWhole(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(size)
  for (let position = 0; position < size;) {
    const { bytesRead } = await file.read(bytes, position, size - position, position)
    if (bytesRead === 0) throw new DamagedContentError('Cannot hash the upload: its file became shorter')
    position += bytesRead
  }
  return bytes
}
