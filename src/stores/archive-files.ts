import type { Readable } from 'node:stream'
import { type FetchOptions, NotFoundError, type OperationOptions } from '../content/index.ts'
import type { ArchiveBytes } from './archive-bytes.ts'
import { archiveError } from './archive-error.ts'
import type { ArchiveListing } from './archive-listing.ts'
import type { LayoutFiles } from './layout-files.ts'

/** The files of an archive. Ends by {@link close}, or by `await using`. */
export class ArchiveFiles implements LayoutFiles, AsyncDisposable {
  readonly display: string
  readonly listing: ArchiveListing
  readonly #bytes: ArchiveBytes

  constructor(display: string, listing: ArchiveListing, bytes: ArchiveBytes) {
    this.display = display
    this.listing = listing
    this.#bytes = bytes
  }

  async size(path: string, options: OperationOptions = {}): Promise<number | undefined> {
    options.signal?.throwIfAborted()
    return this.listing.find(path)?.size
  }

  async open(path: string, options: FetchOptions = {}): Promise<Readable> {
    options.signal?.throwIfAborted()
    const region = this.listing.find(path)
    if (region === undefined)
      throw new NotFoundError(`Cannot read ${path} of ${this.display}: it is not there`)
    try {
      return await this.#bytes.open(region, `${path} of ${this.display}`, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      throw archiveError(this.display, error)
    }
  }

  /** Closes the file and removes what was kept of it. */
  async close(): Promise<void> {
    await this.#bytes.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
