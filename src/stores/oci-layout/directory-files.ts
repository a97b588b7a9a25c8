import { constants } from 'node:fs'
import { lstat, open, realpath } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import type { Readable } from 'node:stream'
import {
  DamagedContentError,
  type FetchOptions,
  NotFoundError,
  type OperationOptions,
} from '../../content/index.ts'
import { makeDirectory } from '../../files/index.ts'
import { endedBy } from '../ended-by.ts'
import type { LayoutFiles } from '../layout-files.ts'
import { placeError, systemErrorCode } from '../place-error.ts'

/**
 * The files of a layout that lies in a directory.
 *
 * A symbolic link in it is followed where it stays inside the directory, and refused where it leaves it: a
 * layout may come from anybody, and its links must not lead to other files of its reader. Pipes and devices
 * are refused, not waited for. With `outsideLinks` the first of these is waived, for layouts that a build
 * made out of links to its own cache (Bazel's rules_oci does).
 */
export class DirectoryFiles implements LayoutFiles {
  readonly display: string
  readonly #root: string
  readonly #outsideLinks: boolean

  constructor(directory: string, display: string, outsideLinks: boolean) {
    this.#root = directory
    this.display = display
    this.#outsideLinks = outsideLinks
  }

  async size(path: string, options: OperationOptions = {}): Promise<number | undefined> {
    options.signal?.throwIfAborted()
    try {
      await using handle = await this.#open(path)
      return await this.#regularSize(handle, path)
    } catch (error) {
      if (absent.has(systemErrorCode(error) ?? '')) return undefined
      throw placeError(`read ${path} of ${this.display}`, error)
    }
  }

  async open(path: string, options: FetchOptions = {}): Promise<Readable> {
    const { signal, range } = options
    signal?.throwIfAborted()
    try {
      const handle = await this.#open(path)
      try {
        await this.#regularSize(handle, path)
        const stream = handle.createReadStream({
          start: range?.start ?? 0,
          ...(range?.end === undefined ? {} : { end: range.end }),
          highWaterMark: readSize,
        })
        return endedBy(stream, signal)
      } catch (error) {
        await handle.close()
        throw error
      }
    } catch (error) {
      if (absent.has(systemErrorCode(error) ?? '')) {
        throw new NotFoundError(`Cannot read ${path} of ${this.display}: it is not there`, { cause: error })
      }
      throw placeError(`read ${path} of ${this.display}`, error)
    }
  }

  /**
   * The path of a file that is to be written or removed, its directory made. A symbolic link that would lead
   * the writer somewhere else is refused as for reading.
   */
  async place(path: string): Promise<string> {
    const root = await realpath(this.#root)
    const wanted = join(root, path)
    await makeDirectory(dirname(wanted))
    const directory = await realpath(dirname(wanted))
    const file = join(directory, basename(wanted))
    if (directory !== root) this.#checkInside(root, directory, path)
    const isLink = (await lstat(file).catch(() => undefined))?.isSymbolicLink() === true
    if (isLink && !this.#outsideLinks) {
      throw new DamagedContentError(
        `Cannot write ${path} of ${this.display}: there is a symbolic link in its place`,
      )
    }
    return file
  }

  async #open(path: string): Promise<OpenFile> {
    const root = await realpath(this.#root)
    const real = await realpath(join(root, path))
    this.#checkInside(root, real, path)
    // What the path leads to was just looked up: a link in its last part now was put there meanwhile.
    return open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  }

  #checkInside(root: string, real: string, path: string): void {
    if (this.#outsideLinks || real.startsWith(root.endsWith(sep) ? root : root + sep)) return
    throw new DamagedContentError(
      `Cannot use ${path} of ${this.display}: a symbolic link there leads out of the layout`,
      { hint: 'Copy the layout with its links resolved (cp -rL).' },
    )
  }

  async #regularSize(handle: OpenFile, path: string): Promise<number> {
    const status = await handle.stat()
    if (status.isFile()) return status.size
    throw new DamagedContentError(`Cannot read ${path} of ${this.display}: it is not a regular file`)
  }
}

type OpenFile = Awaited<ReturnType<typeof open>>

const readSize = 256 * 1024

const absent: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])
