import { constants } from 'node:fs'
import { copyFile, open, opendir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { DamagedContentError, NotFoundError, type OperationOptions } from '../../../content/index.ts'
import { makeDirectory, syncDirectory } from '../../../files/index.ts'
import type { Digest, DigestAlgorithm } from '../../../oci/index.ts'
import { BlobPaths, newBlobKey, newUploadKey } from './blob-keys.ts'
import type {
  AppendOptions,
  BlobStore,
  CommittedBlob,
  CreateUploadOptions,
  ReadOptions,
  StoredObject,
} from './blob-store.ts'
import { asBlobStoreError, isMissing } from './blob-store-error.ts'
import type { FileReadable } from './file-readable.ts'
import { FileUpload } from './file-upload.ts'
import { BlobNamer } from './blob-namer.ts'
import { readBlob } from './read-blob.ts'
import { ReadBuffers } from './read-buffers.ts'
import { UploadWriters } from './upload-writers.ts'
import { describe, listBlobs } from './list-blobs.ts'

/**
 * Opens a blob store in a folder, which is made where it is missing: `blobs/<algorithm>/<2 hex>/<hex>-<generation>`
 * and `uploads/<key>`. Several processes may have it open, as long as each upload is written by one.
 *
 * @throws {FileError} when the folder cannot be made.
 */
export async function openFileBlobs(directory: string): Promise<BlobStore> {
  const paths = new BlobPaths(directory)
  for (const folder of [paths.algorithm('sha256'), paths.algorithm('sha512'), paths.uploads]) {
    await makeDirectory(folder, 0o700)
    await syncDirectory(dirname(folder))
  }
  await syncDirectory(directory)
  return new FileBlobs(paths)
}

/** So many uploads are remembered with their hash; one that was forgotten is read again at its commit. */
const maxRemembered = 4096

class FileBlobs implements BlobStore {
  readonly #paths: BlobPaths
  readonly #uploads = new Map<string, FileUpload>()
  readonly #writers = new UploadWriters()
  readonly #buffers = new ReadBuffers()
  readonly #namer = new BlobNamer()

  constructor(paths: BlobPaths) {
    this.#paths = paths
  }

  warmUp(): void {
    this.#writers.start()
  }

  async createUpload(options: CreateUploadOptions = {}): Promise<string> {
    options.signal?.throwIfAborted()
    const key = newUploadKey()
    return this.#try('begin an upload', async () => {
      const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
      const flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY
      await (await open(this.#uploadPath(key), flags, 0o600)).close()
      if (options.algorithm === 'sha512') this.#remember(key, options.algorithm)
      return key
    })
  }

  async uploadSize(upload: string): Promise<number | undefined> {
    const path = this.#paths.upload(upload)
    if (path === undefined) return undefined
    return this.#try('read an upload', async () => (await describe(upload, path))?.size)
  }

  async append(upload: string, body: Readable, options: AppendOptions): Promise<number> {
    options.signal?.throwIfAborted()
    // What it ends with is told by the promise, also when that is before its turn has come.
    body.on('error', () => undefined)
    return this.#try('write an upload', () => this.#remembered(upload).append(body, options))
  }

  async takeOver(upload: string, options: CreateUploadOptions = {}): Promise<string> {
    options.signal?.throwIfAborted()
    const from = this.#uploadPath(upload)
    const key = newUploadKey()
    return this.#try('take an upload over', async () => {
      const to = this.#uploadPath(key)
      // copyFile follows links.
      if ((await describe(upload, from)) === undefined) throw noUpload()
      await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
      if (options.algorithm === 'sha512') this.#remember(key, options.algorithm)
      await this.cancel(upload)
      return key
    })
  }

  async commit(upload: string, digest: Digest, options: OperationOptions = {}): Promise<CommittedBlob> {
    options.signal?.throwIfAborted()
    const key = newBlobKey(digest)
    const from = this.#uploadPath(upload)
    const give = (): Promise<void> => this.#namer.name(from, this.#blobPath(key))
    return this.#try('store a blob', async () => {
      try {
        const size = await this.#remembered(upload).commit(digest, give, options)
        this.#forget(upload)
        return { key, size }
      } catch (error) {
        if (error instanceof DamagedContentError || isMissing(error)) this.#forget(upload)
        throw error
      }
    })
  }

  async cancel(upload: string): Promise<void> {
    if (this.#paths.upload(upload) === undefined) return
    await this.#try('end an upload', () => this.#remembered(upload).cancel())
    this.#forget(upload)
  }

  async read(key: string, options: ReadOptions = {}): Promise<FileReadable> {
    options.signal?.throwIfAborted()
    return this.#try('read a blob', () => readBlob(this.#blobPath(key), this.#buffers, options))
  }

  async has(key: string, size: number): Promise<boolean> {
    const path = this.#paths.blob(key)
    if (path === undefined) return false
    return this.#try('look for a blob', async () => (await describe(key, path))?.size === size)
  }

  async delete(key: string): Promise<void> {
    const path = this.#paths.blob(key)
    if (path === undefined) return
    await this.#try('delete a blob', async () => {
      try {
        await unlink(path)
      } catch (error) {
        if (!isMissing(error)) throw error
      }
    })
  }

  async list(options: {
    readonly after?: string | undefined
    readonly limit: number
  }): Promise<readonly StoredObject[]> {
    return this.#try('list blobs', () => listBlobs(this.#paths, options))
  }

  async listUploads(options: {
    readonly before: number
    readonly limit: number
  }): Promise<readonly StoredObject[]> {
    return this.#try('list uploads', async () => {
      const found: StoredObject[] = []
      for await (const { name } of await opendir(this.#paths.uploads)) {
        const path = this.#paths.upload(name)
        const upload = path === undefined ? undefined : await describe(name, path)
        if (upload !== undefined && upload.modified < options.before) found.push(upload)
        if (found.length >= options.limit) break
      }
      return found
    })
  }

  async close(): Promise<void> {
    const uploads = [...this.#uploads.values()]
    this.#uploads.clear()
    await Promise.all(uploads.map((upload) => upload.interrupt()))
    await this.#writers[Symbol.asyncDispose]()
  }

  #remembered(upload: string): FileUpload {
    return this.#uploads.get(upload) ?? this.#remember(upload, 'sha256')
  }

  #remember(key: string, algorithm: DigestAlgorithm): FileUpload {
    const upload = new FileUpload(this.#uploadPath(key), algorithm, this.#writers.next())
    this.#uploads.set(key, upload)
    if (this.#uploads.size > maxRemembered) this.#forgetOne()
    return upload
  }

  #forgetOne(): void {
    for (const [key, upload] of this.#uploads) {
      if (!upload.idle) continue
      this.#forget(key)
      return
    }
  }

  #forget(key: string): void {
    this.#uploads.get(key)?.forget()
    this.#uploads.delete(key)
  }

  #uploadPath(key: string): string {
    const path = this.#paths.upload(key)
    if (path === undefined) throw noUpload()
    return path
  }

  #blobPath(key: string): string {
    const path = this.#paths.blob(key)
    if (path === undefined) throw new NotFoundError('Cannot find the blob: this is no key of one')
    return path
  }

  async #try<Result>(action: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      throw asBlobStoreError(action, error)
    }
  }
}

function noUpload(): NotFoundError {
  return new NotFoundError('Cannot find the upload: this is no key of one')
}
