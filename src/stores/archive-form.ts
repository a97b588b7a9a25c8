import type { Compression } from '../archive/index.ts'
import type { OperationOptions, ReferrerLister, ReferrersOptions, Source, Target } from '../content/index.ts'
import type { Descriptor, Digest } from '../oci/index.ts'
import type { Committable } from './committable.ts'
import type { LayoutEntry } from './layout-index.ts'
import type { ArchiveFile } from './write-archive.ts'

/** Options of whatever writes an archive. */
export interface CreateArchiveOptions extends OperationOptions {
  /** How messages name it. */
  readonly display?: string
  /** Default `none`: layers are compressed already. */
  readonly compression?: Compression
  /** Where blobs wait until the archive is written; default beside its file, and for a stream the system's. */
  readonly temporaryDirectory?: string
}

/** Something that becomes an archive: pushed to and tagged like any target, written out by `commit`. */
export interface ArchiveTarget extends Target, Source, ReferrerLister, Committable {
  readonly display: string
  referrers(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>
}

/** What an archive is asked for: a manifest with its name, or one that nothing else leads to. */
export interface ArchiveRoot {
  readonly descriptor: Descriptor
  readonly name: string | undefined
}

/** What an archive will hold, handed to the one that knows its form. */
export interface ArchiveContent {
  /** Sorted by name, those without one last and by digest. */
  readonly roots: readonly ArchiveRoot[]
  /** Reads staged content whole. @throws {NotFoundError} */
  bytes(descriptor: Descriptor, options: OperationOptions): Promise<Uint8Array>
  has(descriptor: Descriptor): boolean
}

/** Where an archive goes. */
export interface ArchiveOutput {
  /** Rejects when nothing could be written there; asked once, before any content is taken. */
  prepare?(options: OperationOptions): Promise<void>
  /** Writes the archive of all files, in this order. */
  write(files: readonly ArchiveFile[], options: OperationOptions): Promise<void>
}

/** What an archive holds beside its blobs. */
export interface ArchiveForm {
  /** The entry of `index.json` for a name. */
  entry(descriptor: Descriptor, name: string, names: readonly string[]): LayoutEntry
  /** Further files, after `index.json`. */
  files(content: ArchiveContent, options: OperationOptions): Promise<readonly ArchiveFile[]>
}
