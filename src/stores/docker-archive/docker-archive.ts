import { Readable } from 'node:stream'
import { UsageError } from '../../errors/index.ts'
import type { ArchiveFiles } from '../archive-files.ts'
import type { ArchiveSource } from '../archive-source.ts'
import { blobPath } from '../blob-path.ts'
import {
  type FetchOptions,
  NotFoundError,
  type OperationOptions,
  type ReferrersOptions,
} from '../../content/index.ts'
import { type Descriptor, type Digest, isDigest } from '../../oci/index.ts'
import { entriesOfImage } from '../entries-of-image.ts'
import { entryNames, type LayoutEntry } from '../layout-index.ts'
import type { LayoutReader } from '../layout-reader.ts'
import { nameNotFound, shownList, shownName } from '../name-not-found.ts'
import { ArchiveHasher } from './archive-hasher.ts'
import type { DockerImage } from './docker-manifest.ts'
import { dockerName } from '../docker-name.ts'
import { findStoredManifest } from './find-stored-manifest.ts'
import { type SynthesizedImage, synthesizeImage } from './synthesize-image.ts'

/** An archive with a `manifest.json`, and perhaps an OCI image layout beside it. */
export class DockerArchive implements ArchiveSource {
  readonly display: string
  readonly #files: ArchiveFiles
  readonly #images: readonly DockerImage[]
  readonly #layout: LayoutReader | undefined
  readonly #hasher: ArchiveHasher
  readonly #resolved = new Map<DockerImage, Promise<Descriptor>>()
  /** Manifests that were put together. */
  readonly #synthesized = new Map<Digest, Uint8Array>()
  /** Where content lies that is not under its blob path. */
  readonly #paths = new Map<Digest, string>()

  constructor(files: ArchiveFiles, images: readonly DockerImage[], layout: LayoutReader | undefined) {
    this.display = files.display
    this.#files = files
    this.#images = images
    this.#layout = layout
    this.#hasher = new ArchiveHasher(files)
  }

  async resolve(name: string, options: OperationOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted()
    if (isDigest(name)) return this.#resolveDigest(name, options)
    const entries = await this.#entries(options)
    if (name === '' && this.#images.length < 2 && this.#layout !== undefined && entries.length > 0) {
      return this.#layout.resolve('', options)
    }
    const image = this.#chooseImage(name)
    const listed = singleEntry(entries, [name, ...(image?.repoTags ?? [])])
    if (listed !== undefined) return listed.descriptor
    if (image !== undefined) return this.#describe(image, options)
    throw nameNotFound(this.display, name, this.#names(entries))
  }

  async fetch(descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> {
    options.signal?.throwIfAborted()
    const { digest } = descriptor
    const bytes = this.#synthesized.get(digest)
    if (bytes !== undefined) {
      const { start = 0, end = bytes.length - 1 } = options.range ?? {}
      return Readable.from(start > end ? [] : [bytes.subarray(start, end + 1)], { objectMode: false })
    }
    const path = this.#paths.get(digest) ?? blobPath(digest)
    if ((await this.#files.size(path, options)) === undefined) {
      throw new NotFoundError(`Cannot find ${digest} in ${this.display}: it is not there`, {
        hint: 'Docker saves the platforms that it has: choose one of them with --platform.',
      })
    }
    return this.#files.open(path, options)
  }

  async *tags(options: OperationOptions = {}): AsyncIterable<string> {
    yield* new Set(this.#names(await this.#entries(options)))
  }

  async referrers(subject: Digest, options: ReferrersOptions = {}): Promise<readonly Descriptor[]> {
    options.signal?.throwIfAborted()
    return (await this.#layout?.referrers(subject, options)) ?? []
  }

  async close(): Promise<void> {
    await this.#files.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #resolveDigest(digest: Digest, options: OperationOptions): Promise<Descriptor> {
    for (const image of this.#images) {
      const descriptor = await this.#describe(image, options)
      if (descriptor.digest === digest) return descriptor
      if ((await this.#hasher.content(image.config, options)).digest === digest) return descriptor
    }
    if (this.#layout === undefined)
      throw new NotFoundError(`Cannot find ${digest} in ${this.display}: it is not there`)
    return this.#layout.resolve(digest, options)
  }

  /** The descriptor of an image: of its stored manifest where there is one. Found once; a failure is not kept. */
  #describe(image: DockerImage, options: OperationOptions): Promise<Descriptor> {
    const known = this.#resolved.get(image)
    if (known !== undefined) return known
    const describing = this.#findOrSynthesize(image, options)
    this.#resolved.set(image, describing)
    describing.catch(() => this.#resolved.delete(image))
    return describing
  }

  async #findOrSynthesize(image: DockerImage, options: OperationOptions): Promise<Descriptor> {
    const stored = await findStoredManifest(this.#files, this.#layout, this.#hasher, image, options)
    return stored ?? this.#keep(await synthesizeImage(this.#files, this.#hasher, image, options))
  }

  #keep({ descriptor, bytes, paths }: SynthesizedImage): Descriptor {
    this.#synthesized.set(descriptor.digest, bytes)
    for (const [digest, path] of paths) this.#paths.set(digest, path)
    return descriptor
  }

  #chooseImage(name: string): DockerImage | undefined {
    const place = /^@(\d{1,5})$/.exec(name)?.[1]
    if (place !== undefined) return this.#images[Number(place)]
    if (name === '') return this.#onlyImage()
    const wanted = dockerName(name)?.canonical
    return this.#images.find(({ repoTags }) =>
      repoTags.some((tag) => tag === name || (wanted !== undefined && dockerName(tag)?.canonical === wanted)),
    )
  }

  #onlyImage(): DockerImage | undefined {
    if (this.#images.length < 2) return this.#images[0]
    throw new UsageError(`Cannot choose an image in ${this.display}: there are ${this.#images.length}`, {
      hint: `Name one of them: ${shownList(this.#images.map(({ repoTags }, place) => repoTags[0] ?? `@${place}`))}.`,
    })
  }

  async #entries(options: OperationOptions): Promise<readonly LayoutEntry[]> {
    return (await this.#layout?.readIndex(options))?.entries ?? []
  }

  #names(entries: readonly LayoutEntry[]): string[] {
    const listed = this.#images.flatMap(({ repoTags }) => repoTags)
    const known = new Set(listed.map((tag) => dockerName(tag)?.canonical ?? tag))
    const others = entries
      .map((entry) => entry.imageName ?? entry.refName)
      .filter((name) => name !== undefined && !known.has(dockerName(name)?.canonical ?? name))
    return [...listed, ...others.filter((name) => name !== undefined)]
  }
}

/**
 * The entry of `index.json` that goes by the first of some names that any has: as its full name, or as it is written.
 *
 * @throws {UsageError} when several do.
 */
function singleEntry(entries: readonly LayoutEntry[], names: readonly string[]): LayoutEntry | undefined {
  for (const name of names) {
    const full = entriesOfImage(entries, name)
    const matching = full.length > 0 ? full : entries.filter((entry) => entryNames(entry).includes(name))
    const [first, ...others] = matching
    if (others.some(({ descriptor }) => descriptor.digest !== first?.descriptor.digest)) {
      throw new UsageError(`Cannot choose an image: ${matching.length} are called ${shownName(name)}`, {
        hint: `Name one of them: ${shownList(matching.map((entry) => entry.imageName ?? entry.descriptor.digest))}.`,
      })
    }
    if (first !== undefined) return first
  }
  return undefined
}
