import type { ArchiveFiles } from '../archive-files.ts'
import { DamagedContentError, type OperationOptions, UnsupportedError } from '../../content/index.ts'
import { createDigester, type Digest, isDigest, mediaTypes } from '../../oci/index.ts'

/** What the bytes of a file in an archive are. */
export interface HashedFile {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** The media type of a layer with these first bytes. */
  readonly layerType: string
}

/** Computes digests of files in an archive, each file once, however many names and links lead to it. */
export class ArchiveHasher {
  readonly #files: ArchiveFiles
  readonly #known = new Map<number, HashedFile>()

  constructor(files: ArchiveFiles) {
    this.#files = files
  }

  /**
   * Hashes a file. One that lies under the path of a blob is taken at its word, and found out where it is verified:
   * every reader of content does.
   *
   * @throws {DamagedContentError} when the file is not there or its path leads out of the archive.
   */
  async content(path: string, options: OperationOptions): Promise<HashedFile> {
    options.signal?.throwIfAborted()
    const region = this.#files.listing.find(path)
    if (region === undefined) {
      throw new DamagedContentError(
        `Cannot read ${this.#files.display}: there is no file ${JSON.stringify(path.slice(0, 200))} in it, which manifest.json names`,
      )
    }
    const known = this.#known.get(region.offset)
    if (known !== undefined) return known
    const hashed = await this.#hash(path, region.size, options)
    this.#known.set(region.offset, hashed)
    return hashed
  }

  async #hash(path: string, size: number, options: OperationOptions): Promise<HashedFile> {
    const claimed = claimedDigest(path)
    const digester = createDigester()
    let first = Buffer.alloc(0)
    for await (const chunk of await this.#files.open(path, {
      ...options,
      ...(claimed === undefined ? {} : { range: magic }),
    })) {
      if (!(chunk instanceof Uint8Array))
        throw new DamagedContentError(`Cannot read ${path} of ${this.#files.display}: not bytes`)
      if (first.length < magic.end) first = Buffer.concat([first, chunk.subarray(0, magic.end + 1)])
      digester.update(chunk)
    }
    const layerType = layerTypeOf(first)
    if (layerType === undefined) {
      throw new UnsupportedError(
        `Cannot read ${path} of ${this.#files.display}: it is compressed with xz or bzip2, which images do not use`,
      )
    }
    return { digest: claimed ?? digester.digest(), size, layerType }
  }
}

const magic = { start: 0, end: 5 } as const

function claimedDigest(path: string): Digest | undefined {
  const [, algorithm, hex] = /^(?:\.\/)?blobs\/(sha256|sha512)\/([0-9a-f]+)$/.exec(path) ?? []
  const digest = `${algorithm}:${hex}`
  return isDigest(digest) ? digest : undefined
}

function layerTypeOf(first: Uint8Array): string | undefined {
  const hex = Buffer.from(first).toString('hex')
  if (hex.startsWith('1f8b')) return mediaTypes.ociLayerGzip
  if (hex.startsWith('28b52ffd') || /^5.2a4d18/.test(hex)) return mediaTypes.ociLayerZstd
  return hex.startsWith('fd377a585a00') || hex.startsWith('425a68') ? undefined : mediaTypes.ociLayer
}
