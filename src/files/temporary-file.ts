import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { asFileError } from './file-error.ts'
import { syncDirectory } from './sync-directory.ts'

/** Options of {@link openTemporaryFile}. */
export interface TemporaryFileOptions {
  /** Permissions of the committed file, which is 0600 until then. Default: 0666 less the umask, from the start. */
  readonly mode?: number | undefined
  /** Sync file and directory at the commit, so that what was committed is there after a crash; default true. */
  readonly durable?: boolean | undefined
  /** Looked at when the file is opened and when it is committed. */
  readonly signal?: AbortSignal | undefined
}

/** A file that has no name of its own yet. It ends with `commitAs`, `discard` or `await using`. */
export interface TemporaryFile extends AsyncDisposable {
  /** Where it is until it is committed: `.<random>.tmp` in the directory that was named. */
  readonly path: string
  /** For reading back what was written. */
  readonly handle: FileHandle
  /** Appends bytes. @throws {FileError} */
  write(bytes: Uint8Array): Promise<void>
  /** A stream that appends to the file; its errors are {@link FileError}s. Its end does not close the file. */
  stream(): Writable
  /**
   * Gives the file its name in one step, replacing what has that name; it must be on the same file
   * system. When this fails the temporary file is removed and what had the name is unchanged.
   *
   * @throws {FileError}
   */
  commitAs(path: string): Promise<void>
  /** Removes the file; does nothing when it was committed or discarded already. */
  discard(): Promise<void>
}

/**
 * Opens a new file of an unpredictable name in `directory`, for content whose name is known only when all
 * of it is written. A process that is killed leaves it there.
 *
 * @throws {FileError}
 */
export async function openTemporaryFile(
  directory: string,
  options: TemporaryFileOptions = {},
): Promise<TemporaryFile> {
  options.signal?.throwIfAborted()
  const path = join(directory, `.${randomBytes(12).toString('hex')}.tmp`)
  try {
    const handle = await open(path, 'wx+', options.mode === undefined ? 0o666 : 0o600)
    return new OpenTemporaryFile(path, handle, options)
  } catch (error) {
    throw asFileError(`write in ${directory}`, error)
  }
}

/** As much as is worth writing in one system call. */
const streamBuffer = 1024 * 1024

class OpenTemporaryFile implements TemporaryFile {
  readonly path: string
  readonly handle: FileHandle
  readonly #options: TemporaryFileOptions
  #done = false

  constructor(path: string, handle: FileHandle, options: TemporaryFileOptions) {
    this.path = path
    this.handle = handle
    this.#options = options
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#append([bytes])
  }

  stream(): Writable {
    return new Writable({
      highWaterMark: streamBuffer,
      decodeStrings: true,
      writev: (chunks, callback) => {
        // oxlint-disable-next-line promise/no-callback-in-promise -- a Writable is told so
        this.#append(buffersOf(chunks)).then(() => callback(), callback)
      },
    })
  }

  async commitAs(path: string): Promise<void> {
    const { signal, durable = true, mode } = this.#options
    try {
      signal?.throwIfAborted()
      if (mode !== undefined) await this.handle.chmod(mode)
      if (durable) await this.handle.sync()
      await this.handle.close()
      await rename(this.path, path)
      this.#done = true
      if (durable) await syncDirectory(dirname(path))
    } catch (error) {
      await this.discard()
      throw asFileError(`write ${path}`, error)
    }
  }

  async discard(): Promise<void> {
    if (this.#done) return
    this.#done = true
    // Closed already, or gone already: there is nothing left to do, and nobody to tell.
    await this.handle.close().catch(() => undefined)
    await unlink(this.path).catch(() => undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.discard()
  }

  async #append(chunks: readonly Uint8Array[]): Promise<void> {
    let rest = chunks.filter((chunk) => chunk.byteLength > 0)
    try {
      while (rest.length > 0) {
        const { bytesWritten } = await this.handle.writev(rest)
        rest = withoutFirst(rest, bytesWritten)
      }
    } catch (error) {
      throw asFileError(`write in ${dirname(this.path)}`, error)
    }
  }
}

/** What a Writable hands to writev: buffers, as strings were decoded before. */
function buffersOf(chunks: readonly { readonly chunk: unknown }[]): Uint8Array[] {
  return chunks.map(({ chunk }) => chunk).filter((chunk) => chunk instanceof Uint8Array)
}

/** The chunks that are left when the first `count` bytes are done: a device may take less than it was given. */
function withoutFirst(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count
  const rest: Uint8Array[] = []
  for (const chunk of chunks) {
    if (skip < chunk.byteLength) rest.push(chunk.subarray(skip))
    skip = Math.max(0, skip - chunk.byteLength)
  }
  return rest
}
