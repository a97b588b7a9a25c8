import type { Readable } from 'node:stream'
import type {
  FetchOptions,
  OperationOptions,
  ReferrerLister,
  ReferrersOptions,
  Source,
  TagLister,
} from '../content/index.ts'
import type { Descriptor, Digest } from '../oci/index.ts'
import type { ArchiveFiles } from './archive-files.ts'
import type { LayoutReader } from './layout-reader.ts'

/** An archive that is open for reading; `close`, or `await using`, lets go of the file and of what was kept of it. */
export interface ArchiveSource extends Source, TagLister, ReferrerLister, AsyncDisposable {
  readonly display: string
  tags(options?: OperationOptions): AsyncIterable<string>
  referrers(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>
  close(): Promise<void>
}

/** An archive that holds an OCI image layout. */
export class LayoutArchive implements ArchiveSource {
  readonly display: string
  readonly #files: ArchiveFiles
  readonly #reader: LayoutReader

  constructor(files: ArchiveFiles, reader: LayoutReader) {
    this.display = files.display
    this.#files = files
    this.#reader = reader
  }

  resolve(name: string, options?: OperationOptions): Promise<Descriptor> {
    return this.#reader.resolve(name, options)
  }

  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable> {
    return this.#reader.fetch(descriptor, options)
  }

  tags(options?: OperationOptions): AsyncIterable<string> {
    return this.#reader.tags(options)
  }

  referrers(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]> {
    return this.#reader.referrers(subject, options)
  }

  async close(): Promise<void> {
    await this.#files.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
