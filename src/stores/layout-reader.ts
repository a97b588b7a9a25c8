import type { Readable } from 'node:stream'
import { UsageError } from '../errors/index.ts'
import {
  DamagedContentError,
  type FetchOptions,
  NotFoundError,
  type OperationOptions,
  type ReferrersOptions,
  verifiedBytes,
} from '../content/index.ts'
import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestOf,
  isDigest,
  maxManifestBytesRead,
  parseManifest,
} from '../oci/index.ts'
import { blobPath } from './blob-path.ts'
import { isCalled } from './change-layout-index.ts'
import { entriesOfImage } from './entries-of-image.ts'
import { type LayoutFiles, readSmallFile } from './layout-files.ts'
import {
  entryNames,
  type LayoutEntry,
  type LayoutIndex,
  layoutIndexLimit,
  parseLayoutIndex,
} from './layout-index.ts'
import { isManifestType, type ManifestLinks, readManifestLinks } from './manifest-links.ts'
import { nameNotFound, shownList, shownName } from './name-not-found.ts'
import { listReferrers } from './list-referrers.ts'

/** Reads images out of the files of an OCI image layout (image-layout.md). */
export class LayoutReader {
  readonly display: string
  readonly #files: LayoutFiles
  readonly #links = new Map<Digest, ManifestLinks>()
  /** What was read last; many names are asked for one after the other. */
  #last: { readonly bytes: Buffer; readonly index: LayoutIndex } | undefined

  constructor(files: LayoutFiles) {
    this.display = files.display
    this.#files = files
  }

  /** Reads `index.json`, as it is now. @throws {NotFoundError} @throws {DamagedContentError} */
  async readIndex(options: OperationOptions = {}): Promise<LayoutIndex> {
    const bytes = await readSmallFile(this.#files, 'index.json', layoutIndexLimit, options)
    if (this.#last?.bytes.equals(bytes) !== true) {
      this.#last = { bytes, index: parseLayoutIndex(bytes, `index.json of ${this.display}`) }
    }
    return this.#last.index
  }

  /**
   * Gives what a name, a digest, or `''` for the only image there, points to.
   *
   * @throws {NotFoundError} listing the names there. @throws {UsageError} when several images answer to the name.
   */
  async resolve(name: string, options: OperationOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted()
    const { entries } = await this.readIndex(options)
    if (isDigest(name)) return this.#resolveDigest(entries, name, options)
    const matching = name === '' ? await this.#images(entries, options) : entriesCalled(entries, name)
    const [first, ...others] = matching
    if (first === undefined) throw nameNotFound(this.display, name, entries.flatMap(entryNames))
    if (others.every(({ descriptor }) => descriptor.digest === first.descriptor.digest))
      return first.descriptor
    throw ambiguousName(this.display, name, matching)
  }

  /** Opens a blob. @throws {NotFoundError} */
  async fetch(descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> {
    options.signal?.throwIfAborted()
    const path = blobPath(descriptor.digest)
    if ((await this.#files.size(path, options)) === undefined) {
      throw new NotFoundError(`Cannot find ${descriptor.digest} in ${this.display}: it is not there`, {
        hint: 'It may hold some platforms of the image only: choose one of them with --platform.',
      })
    }
    return this.#files.open(path, options)
  }

  /** Says whether a blob is there with the size that the descriptor says. */
  async exists(descriptor: Descriptor, options: OperationOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    return (await this.#files.size(blobPath(descriptor.digest), options)) === descriptor.size
  }

  /** The names of images; entries without one have none. */
  async *tags(options: OperationOptions = {}): AsyncIterable<string> {
    const { entries } = await this.readIndex(options)
    const names = entries.flatMap((entry) => entryNames(entry).slice(0, 1))
    yield* new Set(names)
  }

  /** What refers to a manifest, by `subject` or through the fallback tag of registries. */
  async referrers(subject: Digest, options: ReferrersOptions = {}): Promise<readonly Descriptor[]> {
    options.signal?.throwIfAborted()
    const { entries } = await this.readIndex(options)
    return listReferrers(entries, subject, (descriptor) => this.links(descriptor, options), options)
  }

  /**
   * What a manifest points to; undefined for content that is not a manifest or is not there.
   *
   * @throws {DamagedContentError} when it is not what its descriptor says.
   */
  async links(descriptor: Descriptor, options: OperationOptions = {}): Promise<ManifestLinks | undefined> {
    if (!isManifestType(descriptor.mediaType)) return undefined
    const known = this.#links.get(descriptor.digest)
    if (known !== undefined) return known
    const path = blobPath(descriptor.digest)
    if ((await this.#files.size(path, options)) === undefined) return undefined
    const bytes = verifiedBytes(
      descriptor,
      await readSmallFile(this.#files, path, maxManifestBytesRead, options),
    )
    const links = readManifestLinks(descriptor, bytes)
    this.#links.set(descriptor.digest, links)
    return links
  }

  async #resolveDigest(
    entries: readonly LayoutEntry[],
    digest: Digest,
    options: OperationOptions,
  ): Promise<Descriptor> {
    const listed = entries.find(({ descriptor }) => descriptor.digest === digest)
    if (listed !== undefined) return listed.descriptor
    const path = blobPath(digest)
    if ((await this.#files.size(path, options)) === undefined) {
      throw new NotFoundError(`Cannot find ${digest} in ${this.display}: it is not there`)
    }
    return describeManifest(
      digest,
      await readSmallFile(this.#files, path, maxManifestBytesRead, options),
      this.display,
    )
  }

  /** The entries that are images of their own: not referrers, not the lists of referrers that fallback tags name. */
  async #images(entries: readonly LayoutEntry[], options: OperationOptions): Promise<readonly LayoutEntry[]> {
    const images: LayoutEntry[] = []
    for (const entry of entries) {
      if (entry.refName !== undefined && fallbackTag.test(entry.refName)) continue
      if ((await this.links(entry.descriptor, options))?.subject === undefined) images.push(entry)
    }
    return images
  }
}

const fallbackTag = /^sha(?:256|512)-[0-9a-f]{64,128}$/

function describeManifest(digest: Digest, bytes: Uint8Array, display: string): Descriptor {
  const actual = digestOf(bytes, digestAlgorithm(digest))
  if (actual !== digest) {
    throw new DamagedContentError(`Cannot read ${digest} of ${display}: the bytes have the digest ${actual}`)
  }
  return { mediaType: parseManifest(bytes).mediaType, digest, size: bytes.length }
}

/** What is written as the name, else what Docker would understand by it. */
function entriesCalled(entries: readonly LayoutEntry[], name: string): readonly LayoutEntry[] {
  const exact = entries.filter((entry) => isCalled(entry, name))
  return exact.length > 0 ? exact : entriesOfImage(entries, name)
}

function ambiguousName(display: string, name: string, entries: readonly LayoutEntry[]): UsageError {
  const names = entries.map((entry) => entry.imageName ?? entry.refName ?? entry.descriptor.digest)
  const which =
    new Set(names).size === names.length ? names : entries.map(({ descriptor }) => descriptor.digest)
  return new UsageError(
    name === ''
      ? `Cannot choose an image in ${display}: there are ${entries.length}`
      : `Cannot choose an image in ${display}: ${entries.length} are called ${shownName(name)}`,
    { hint: `Name one of them: ${shownList(which)}.` },
  )
}
