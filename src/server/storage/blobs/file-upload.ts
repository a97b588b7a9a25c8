import { constants } from 'node:fs'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { DamagedContentError, type OperationOptions } from '../../../content/index.ts'
import { type Digest, type DigestAlgorithm, digestAlgorithm } from '../../../oci/index.ts'
import type { AppendOptions } from './blob-store.ts'
import { BodyBatches } from './body-batches.ts'
import { isMissing } from './blob-store-error.ts'
import { Turns } from './turns.ts'
import { UploadInterruptedError, UploadOffsetError } from './upload-errors.ts'
import { directBytes, UploadHash } from './upload-hash.ts'
import type { UploadWriter } from './upload-writer.ts'
import { writeBody } from './write-body.ts'

/** An upload that this process writes: its file, and the hash of what is in it. Errors are those of the file system. */
export class FileUpload {
  readonly #path: string
  readonly #hash: UploadHash
  readonly #turns = new Turns(() => new UploadInterruptedError())

  /** @param path Its file, which need not be there any more. */
  constructor(path: string, algorithm: DigestAlgorithm, writer: UploadWriter) {
    this.#path = path
    this.#hash = new UploadHash(algorithm, writer)
  }

  /** Whether nobody works on it. */
  get idle(): boolean {
    return this.#turns.idle
  }

  /** Appends a body; see {@link BlobStore.append}. */
  append(body: Readable, options: AppendOptions): Promise<number> {
    return this.#turns.run(async (interrupted) => {
      const signal = AbortSignal.any([interrupted, ...(options.signal ? [options.signal] : [])])
      await using file = await this.#open()
      const { size } = await file.stat()
      if (size !== options.offset) throw new UploadOffsetError(options.offset, size)
      using batches = new BodyBatches(body, signal)
      // The parser of node:http makes each chunk for the one who reads the request.
      const ownsChunks = body instanceof IncomingMessage
      const isSmall = await batches.endsWithin(directBytes)
      await using appender = this.#hash.appender(file, { position: size, isSmall, ownsChunks, signal })
      try {
        return await writeBody(file, batches, appender, options)
      } catch (error) {
        await this.#hash.cut((await file.stat()).size)
        throw error
      }
    })
  }

  /**
   * Compares the digest and hands the file, safe on the disk, to `give`, which gives it another name.
   *
   * @returns its size.
   * @throws {DamagedContentError} when the bytes have another digest; the file is removed.
   */
  commit(digest: Digest, give: () => Promise<void>, options: OperationOptions): Promise<number> {
    return this.#turns.run(async () => {
      await using file = await this.#open()
      const { size } = await file.stat()
      const actual = await this.#hash.digest(file, size, digestAlgorithm(digest), options.signal)
      if (actual !== digest) {
        await unlink(this.#path)
        throw new DamagedContentError(`Cannot store the blob: it is ${actual}, not ${digest}`)
      }
      await this.#syncOrEmpty(file)
      options.signal?.throwIfAborted()
      await give()
      return size
    })
  }

  /** Removes the file, which may be gone already. */
  cancel(): Promise<void> {
    return this.#turns.run(async () => {
      try {
        await unlink(this.#path)
      } catch (error) {
        if (!isMissing(error)) throw error
      }
    })
  }

  /** Ends an append, and resolves when nobody works on it. */
  interrupt(): Promise<void> {
    return this.#turns.run(async () => undefined)
  }

  /** Lets go of the hash; what goes on later reads the file again. */
  forget(): void {
    this.#hash.forget()
  }

  /** When a sync fails, the file is emptied: the kernel says it once, and the next sync would be of no worth. */
  async #syncOrEmpty(file: FileHandle): Promise<void> {
    try {
      await file.datasync()
    } catch (error) {
      await file.truncate(0)
      await this.#hash.cut(0)
      throw error
    }
  }

  #open(): Promise<FileHandle> {
    return open(this.#path, constants.O_RDWR | constants.O_NOFOLLOW)
  }
}
