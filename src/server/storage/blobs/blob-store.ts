import type { Readable } from 'node:stream'
import type { ByteRange, OperationOptions } from '../../../content/index.ts'
import type { Digest, DigestAlgorithm } from '../../../oci/index.ts'

/** Options of {@link BlobStore.append}. */
export interface AppendOptions extends OperationOptions {
  /** Where the bytes go: must be what the upload has now. */
  readonly offset: number
  /** The most bytes that the upload may have in all; more ends in {@link UploadTooLargeError}. */
  readonly maxSize: number
}

/** Options of {@link BlobStore.createUpload}. */
export interface CreateUploadOptions extends OperationOptions {
  /** The algorithm that the bytes are hashed with while they arrive; another one at commit costs a second reading. Default sha256. */
  readonly algorithm?: DigestAlgorithm | undefined
}

/** Options of {@link BlobStore.read}. */
export interface ReadOptions extends OperationOptions {
  /** Which part; default: all. */
  readonly range?: ByteRange | undefined
  /** Bytes that the whole blob must have; default: it is not looked at. */
  readonly size?: number | undefined
}

/** A blob as {@link BlobStore.commit} left it. */
export interface CommittedBlob {
  /** Names the stored bytes in this store; another commit of the same content has another key. */
  readonly key: string
  /** Bytes. */
  readonly size: number
}

/** Something that a blob store holds, as a sweep finds it. */
export interface StoredObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modified: number
}

/**
 * Large contents: written once, as an upload that grows and is committed under its digest, and read in ranges.
 * On one machine they are files, in an object store objects and multipart uploads.
 *
 * What a store hands out is a key of its own choosing that begins with `<algorithm>/<hex>`: each commit makes a new
 * one, so that deleting an old one never hits content that was uploaded again meanwhile.
 *
 * A disk that is full, read-only or broken is a {@link ProtocolError} UNAVAILABLE; an upload then has what was written whole,
 * or nothing where a sync failed.
 */
export interface BlobStore {
  /** Begins to make ready what the first upload would wait for; nothing has to wait for that. */
  warmUp(): void
  /** Begins an upload and gives its key. */
  createUpload(options?: CreateUploadOptions): Promise<string>
  /** How many bytes an upload has; undefined when there is no such upload. */
  uploadSize(upload: string): Promise<number | undefined>
  /**
   * Writes what the body gives, and gives the size that the upload has afterwards. When the body breaks off, what
   * arrived stays, and the promise rejects. A second append to an upload that is being written ends the first.
   * The body is read to its end, or left paused where an error ended the append: who has it destroys it.
   * The memory of an `IncomingMessage`'s chunks is given back at once: whoever else listens to it keeps none.
   *
   * @throws {NotFoundError} when there is no such upload.
   * @throws {UploadOffsetError} when the offset is not the upload's end; nothing is written.
   * @throws {UploadTooLargeError} the upload is then as it was before.
   * @throws {UploadInterruptedError} when another call for the same upload ended this one.
   */
  append(upload: string, body: Readable, options: AppendOptions): Promise<number>
  /**
   * Takes over an upload that another process began and may still be writing: gives the key of a copy that only this
   * process writes. The algorithm is that of the new upload.
   *
   * @throws {NotFoundError} when there is no such upload.
   */
  takeOver(upload: string, options?: CreateUploadOptions): Promise<string>
  /**
   * Makes an upload a blob: verified, on the disk (file and name), with no second copy.
   *
   * @throws {DamagedContentError} when the bytes have another digest; the upload is gone.
   * @throws {NotFoundError} when there is no such upload.
   */
  commit(upload: string, digest: Digest, options?: OperationOptions): Promise<CommittedBlob>
  /** Ends an upload, also one that is being written, and drops its bytes; nothing happens when there is none. */
  cancel(upload: string): Promise<void>
  /**
   * Opens a blob. A store of files gives a {@link FileReadable}, which has a faster way into an answer than a pipe.
   *
   * @throws {NotFoundError} when it is not there.
   * @throws {DamagedContentError} when it has another size than is expected.
   * @throws {RangeError} when none of its bytes is in the range.
   */
  read(key: string, options?: ReadOptions): Promise<Readable>
  /** Whether a blob is there with this size, in bytes; its content is not read. */
  has(key: string, size: number): Promise<boolean>
  /** Deletes a blob; nothing happens when it is not there. Readers that have it open read on. */
  delete(key: string): Promise<void>
  /** The blobs after a key, in some fixed order, for a sweep in bounded steps. */
  list(options: {
    readonly after?: string | undefined
    readonly limit: number
  }): Promise<readonly StoredObject[]>
  /** The uploads that were last written before a time (milliseconds since the epoch), at most `limit`. */
  listUploads(options: { readonly before: number; readonly limit: number }): Promise<readonly StoredObject[]>
  close(): Promise<void>
}
