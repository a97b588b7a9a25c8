import type { Readable } from 'node:stream'
import type { ByteRange, OperationOptions } from '../../../content/index.ts'
import type { Descriptor, Digest, DigestAlgorithm } from '../../../oci/index.ts'
import type { RepositoryName } from '../../repository-name.ts'

/** A page of a listing in byte order. */
export interface PageOptions extends OperationOptions {
  /** What the page comes after; it need not exist. */
  readonly after?: string | undefined
  /** At most so many; at least 1. */
  readonly limit: number
}

/** A manifest as a repository has it. */
export interface StoredManifest {
  readonly digest: Digest
  /** As it was pushed, with its parameters. */
  readonly mediaType: string
  /** The bytes as they were pushed. */
  readonly bytes: Uint8Array
  /** Milliseconds since the epoch. */
  readonly pushedAt: number
}

/** A manifest that is pushed. */
export interface PushedManifest {
  readonly digest: Digest
  /** The request's `Content-Type`, without parameters; undefined where there was none. */
  readonly mediaType: string | undefined
  readonly bytes: Uint8Array
  /** The tags that shall name it; none: it is pushed by digest. */
  readonly tags: readonly string[]
  /** Whether a tag of this repository, once it is there, stays with its digest. */
  readonly isImmutable?: ((tag: string) => boolean) | undefined
}

/** What a push of a manifest came to. */
export interface PutManifestOutcome {
  /** Whether the repository did not have it before. */
  readonly created: boolean
  /** The subject that it names. */
  readonly subject: Digest | undefined
}

/** A tag. */
export interface StoredTag {
  readonly digest: Digest
  readonly mediaType: string
  /** Bytes of the manifest. */
  readonly size: number
  /** When the tag was last set, milliseconds since the epoch. */
  readonly pushedAt: number
}

/** A blob as a repository has it. */
export interface StoredBlob {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** Its key in the blob store. */
  readonly key: string
}

/** An upload that has begun. */
export interface Upload {
  readonly id: string
  /** Bytes that have arrived. */
  readonly size: number
}

/** Options of {@link Uploads.append}. */
export interface AppendUploadOptions extends OperationOptions {
  /** The first byte's place as the client says it; default: behind what has arrived. Anything else than that is 416. */
  readonly offset?: number | undefined
  /** The most bytes that the blob may have. */
  readonly maxSize: number
}

/** The names of repositories; one is there as soon as it holds anything. */
export interface Repositories {
  exists(repository: RepositoryName): Promise<boolean>
  list(page: PageOptions): Promise<readonly RepositoryName[]>
  /** The bytes of all blobs and manifests that a repository holds; shared ones count in each. */
  usage(repository: RepositoryName): Promise<number>
}

/** Tags, in byte order. */
export interface Tags {
  get(repository: RepositoryName, tag: string): Promise<StoredTag | undefined>
  list(repository: RepositoryName, page: PageOptions): Promise<readonly string[]>
  /** Removes a tag alone. The manifest may be collected after the grace period. Gives false when there was none. */
  delete(repository: RepositoryName, tag: string): Promise<boolean>
}

/** Manifests. */
export interface Manifests {
  /** What is found by its digest stays for three quarters of a grace period at least. */
  find(
    repository: RepositoryName,
    reference: Digest | { readonly tag: string },
  ): Promise<StoredManifest | undefined>
  list(repository: RepositoryName, page: PageOptions): Promise<readonly Digest[]>
  /**
   * @throws {ProtocolError} MANIFEST_INVALID when it is no manifest or an ambiguous one; MANIFEST_BLOB_UNKNOWN with
   * every missing blob and child; DENIED for an immutable tag on another digest. Nothing is stored then.
   */
  put(
    repository: RepositoryName,
    manifest: PushedManifest,
    options?: OperationOptions,
  ): Promise<PutManifestOutcome>
  /**
   * Removes a manifest and every tag on it. Gives false when there was none.
   *
   * @throws {ProtocolError} UNSUPPORTED while an index of the repository names it.
   */
  delete(repository: RepositoryName, digest: Digest): Promise<boolean>
}

/** A page of {@link Referrers.list}. */
export interface ReferrersPage {
  readonly descriptors: readonly Descriptor[]
  /**
   * The `after` of the next page; undefined: this was the last. A page may end before `limit`, where its descriptors
   * are large or the filter lets few of many pass.
   */
  readonly next: Digest | undefined
}

/** What refers to a manifest by `subject`. */
export interface Referrers {
  /** In byte order of their digests; `after` is a digest. */
  list(
    repository: RepositoryName,
    subject: Digest,
    page: PageOptions & { readonly artifactType?: string | undefined },
  ): Promise<ReferrersPage>
}

/** Blobs, each readable only through a repository that has it. */
export interface Blobs {
  /** Undefined also for one that is condemned. What is found stays for three quarters of a grace period at least. */
  find(repository: RepositoryName, digest: Digest): Promise<StoredBlob | undefined>
  open(
    blob: StoredBlob,
    options?: OperationOptions & { readonly range?: ByteRange | undefined },
  ): Promise<Readable>
  /** Whether a blob's bytes are stored whole, by their number: a disk may have lost what the records say. */
  isStored(blob: StoredBlob): Promise<boolean>
  /** Lets a repository have a blob that another one has. Gives undefined when that one has it not. */
  mount(repository: RepositoryName, digest: Digest, from: RepositoryName): Promise<StoredBlob | undefined>
  /** The repositories that have a blob; one may have lost it just now, which {@link mount} then says. */
  holders(digest: Digest, page: PageOptions): Promise<readonly RepositoryName[]>
  /**
   * Removes a blob from a repository. Gives false when it was not there.
   *
   * @throws {ProtocolError} UNSUPPORTED while a manifest of the repository uses it.
   */
  delete(repository: RepositoryName, digest: Digest): Promise<boolean>
}

/** Uploads of blobs, each known only in its repository. */
export interface Uploads {
  start(
    repository: RepositoryName,
    options?: OperationOptions & { readonly algorithm?: DigestAlgorithm | undefined },
  ): Promise<Upload>
  find(repository: RepositoryName, id: string): Promise<Upload | undefined>
  /**
   * Writes a chunk.
   *
   * @throws {ProtocolError} BLOB_UPLOAD_UNKNOWN; BLOB_UPLOAD_INVALID with status 416 for a chunk out of order;
   * SIZE_INVALID with status 413 past `maxSize`. After each of them but the first the upload stands as it did.
   */
  append(
    repository: RepositoryName,
    id: string,
    body: Readable,
    options: AppendUploadOptions,
  ): Promise<Upload>
  /**
   * Makes an upload a blob of its repository; safe on the disk when the promise resolves. Repeated for the same
   * digest it gives the blob again.
   *
   * @throws {ProtocolError} BLOB_UPLOAD_UNKNOWN; DIGEST_INVALID when the bytes have another digest.
   */
  commit(
    repository: RepositoryName,
    id: string,
    digest: Digest,
    options?: OperationOptions,
  ): Promise<StoredBlob>
  /** Gives false when there was none. */
  cancel(repository: RepositoryName, id: string): Promise<boolean>
}

/** A registry's content: its layout of keys over a {@link BlobStore} and a {@link RecordStore}. */
export interface RegistryStorage {
  readonly repositories: Repositories
  readonly tags: Tags
  readonly manifests: Manifests
  readonly referrers: Referrers
  readonly blobs: Blobs
  readonly uploads: Uploads
}
