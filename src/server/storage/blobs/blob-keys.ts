import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Digest, digestAlgorithm, digestHex } from '../../../oci/index.ts'

/** Bytes of randomness in the last part of a blob's key. */
const generationBytes = 6

const blobKeyPattern = /^(?:sha256\/[0-9a-f]{64}|sha512\/[0-9a-f]{128})-[0-9a-f]{12}$/
const uploadKeyPattern = /^[0-9a-f]{32}$/

/** A new key for content with this digest: `<algorithm>/<hex>-<generation>`. */
export function newBlobKey(digest: Digest): string {
  return `${digestAlgorithm(digest)}/${digestHex(digest)}-${randomBytes(generationBytes).toString('hex')}`
}

/** A new key for an upload; nobody can guess it. */
export function newUploadKey(): string {
  return randomBytes(16).toString('hex')
}

/** Where blobs and uploads are in the folder of a store. Keys that no store gave lead nowhere, least of all out of it. */
export class BlobPaths {
  readonly blobs: string
  readonly uploads: string

  constructor(directory: string) {
    this.blobs = join(directory, 'blobs')
    this.uploads = join(directory, 'uploads')
  }

  /** The folder of the blobs of an algorithm. */
  algorithm(algorithm: string): string {
    return join(this.blobs, algorithm)
  }

  /** The file of a blob: `blobs/<algorithm>/<first two hex digits>/<hex>-<generation>`; undefined for what is no key. */
  blob(key: string): string | undefined {
    if (!blobKeyPattern.test(key)) return undefined
    const [algorithm = '', name = ''] = key.split('/')
    return join(this.algorithm(algorithm), name.slice(0, 2), name)
  }

  /** The file of an upload; undefined for what is no key. */
  upload(key: string): string | undefined {
    return uploadKeyPattern.test(key) ? join(this.uploads, key) : undefined
  }
}
