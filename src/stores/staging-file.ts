import { unlink } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { FetchOptions } from '../content/index.ts'
import { openTemporaryFile, type TemporaryFile } from '../files/index.ts'
import { placeError } from './place-error.ts'
import { type Region, regionStream } from './region-stream.ts'

/**
 * One temporary file that keeps many blobs, written at once, until their order is known. It has no name: a
 * writer that is killed leaves nothing behind.
 */
export class StagingFile {
  readonly #file: TemporaryFile
  readonly #action: string
  #end = 0

  private constructor(file: TemporaryFile, action: string) {
    this.#file = file
    this.#action = action
  }

  /** Opens one in a directory. @throws {UnavailableError} @throws {AccessRefusedError} */
  static async open(directory: string, signal: AbortSignal | undefined): Promise<StagingFile> {
    const action = `write to a temporary file in ${directory}`
    try {
      const file = await openTemporaryFile(directory, { signal })
      // Where an open file cannot be unlinked it goes at the end, by discard().
      await unlink(file.path).catch(() => undefined)
      return new StagingFile(file, action)
    } catch (error) {
      throw placeError(action, error)
    }
  }

  /** Sets a region aside for so many bytes. */
  allocate(size: number): Region {
    const region = { offset: this.#end, size }
    this.#end += size
    return region
  }

  /** Writes bytes at a position. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      for (let written = 0; written < bytes.length;) {
        const { bytesWritten } = await this.#file.handle.write(
          bytes,
          written,
          bytes.length - written,
          position + written,
        )
        written += bytesWritten
      }
    } catch (error) {
      throw placeError(this.#action, error)
    }
  }

  /** Reads a region. */
  read(region: Region, what: string, options: FetchOptions = {}): Readable {
    return regionStream(this.#file.handle, region, what, options)
  }

  /** Forgets everything. */
  async close(): Promise<void> {
    await this.#file.discard()
  }
}
