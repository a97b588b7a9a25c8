import { tmpdir } from 'node:os'
import type { Readable } from 'node:stream'
import {
  type Body,
  type FetchOptions,
  fetchBytes,
  NotFoundError,
  type OperationOptions,
  type PushOptions,
  type ReferrersOptions,
} from '../content/index.ts'
import { UsageError } from '../errors/index.ts'
import { type Descriptor, type Digest, isDigest } from '../oci/index.ts'
import type { ArchiveFile } from './write-archive.ts'
import type {
  ArchiveContent,
  ArchiveForm,
  ArchiveOutput,
  ArchiveRoot,
  ArchiveTarget,
  CreateArchiveOptions,
} from './archive-form.ts'
import { blobPath } from './blob-path.ts'
import { bytesFile } from './bytes-file.ts'
import { emptyLayoutIndex, layoutEntry, serializeLayoutIndex } from './layout-index.ts'
import { layoutHeader } from './layout-header.ts'
import { isManifestType, type ManifestLinks, readManifestLinks } from './manifest-links.ts'
import { nameNotFound } from './name-not-found.ts'
import { receiveBody } from './receive-body.ts'
import type { Region } from './region-stream.ts'
import { StagingFile } from './staging-file.ts'

/**
 * A target that writes an archive holding an OCI image layout. Blobs are staged in a temporary file as they
 * come, in any order, and written in one order, so that equal content gives equal bytes.
 */
export function createArchive(
  output: ArchiveOutput,
  form: ArchiveForm,
  display: string,
  options: CreateArchiveOptions,
): ArchiveTarget {
  return new StagedArchive(output, form, display, options)
}

interface StagedContent {
  readonly descriptor: Descriptor
  readonly region: Region
  /** Set for manifests. */
  readonly links: ManifestLinks | undefined
}

class StagedArchive implements ArchiveTarget {
  readonly display: string
  readonly manifestsAreWhole: boolean = false
  readonly #output: ArchiveOutput
  readonly #form: ArchiveForm
  readonly #options: CreateArchiveOptions
  readonly #content = new Map<Digest, StagedContent>()
  readonly #names = new Map<string, Descriptor>()
  #staging: Promise<StagingFile> | undefined
  #ended = false

  constructor(output: ArchiveOutput, form: ArchiveForm, display: string, options: CreateArchiveOptions) {
    this.#output = output
    this.#form = form
    this.display = display
    this.#options = options
  }

  async resolve(name: string, options: OperationOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted()
    const found = isDigest(name) ? this.#content.get(name)?.descriptor : this.#names.get(name)
    if (found === undefined) throw nameNotFound(this.display, name, this.#names.keys())
    return found
  }

  async fetch(descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> {
    options.signal?.throwIfAborted()
    const { region } = this.#stored(descriptor)
    return (await this.#stage()).read(region, `${descriptor.digest} of ${this.display}`, options)
  }

  async exists(descriptor: Descriptor, options: OperationOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    return this.#content.has(descriptor.digest)
  }

  async referrers(subject: Digest, options: ReferrersOptions = {}): Promise<readonly Descriptor[]> {
    options.signal?.throwIfAborted()
    return [...this.#content.values()]
      .flatMap(({ links }) => (links?.subject === subject ? [links.descriptor] : []))
      .filter(
        ({ artifactType }) => options.artifactType === undefined || artifactType === options.artifactType,
      )
  }

  async push(descriptor: Descriptor, body: Body, options: PushOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    if (this.#content.has(descriptor.digest)) return
    const staging = await this.#stage()
    const region = staging.allocate(descriptor.size)
    let position = region.offset
    await receiveBody(
      descriptor,
      body,
      async (chunk) => {
        await staging.write(chunk, position)
        position += chunk.length
      },
      options,
    )
    this.#content.set(descriptor.digest, {
      descriptor,
      region,
      links: await this.#readLinks(descriptor, region, staging, options),
    })
  }

  async tag(descriptor: Descriptor, name: string, options: OperationOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    this.#stored(descriptor)
    if (!isDigest(name)) this.#names.set(name, descriptor)
  }

  async commit(options: OperationOptions = {}): Promise<void> {
    if (this.#ended) throw this.#isOver()
    try {
      options.signal?.throwIfAborted()
      await this.#output.write(await this.#files(options), options)
    } finally {
      await this.discard()
    }
  }

  async discard(): Promise<void> {
    this.#ended = true
    const staging = this.#staging
    this.#staging = undefined
    await staging?.then(
      (file) => file.close(),
      () => undefined,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.discard()
  }

  /** Everything in the order in which it is written: what is read first, then manifests, then the rest, each by digest. */
  async #files(options: OperationOptions): Promise<readonly ArchiveFile[]> {
    const content: ArchiveContent = {
      roots: this.#roots(),
      bytes: (descriptor, reading) => fetchBytes(this, descriptor, reading),
      has: ({ digest }) => this.#content.has(digest),
    }
    const names = content.roots.flatMap(({ name }) => name ?? [])
    const entries = content.roots.map(({ descriptor, name }) =>
      name === undefined ? layoutEntry(descriptor) : this.#form.entry(descriptor, name, names),
    )
    const staging = await this.#stage()
    const blobs = [...this.#content.values()]
      .toSorted(
        (a, b) => Number(b.links !== undefined) - Number(a.links !== undefined) || compareDigests(a, b),
      )
      .map(({ descriptor, region }) => {
        const path = blobPath(descriptor.digest)
        const read = (): Readable => staging.read(region, `${path} of ${this.display}`, options)
        return {
          path,
          size: region.size,
          body: { [Symbol.asyncIterator]: () => read()[Symbol.asyncIterator]() },
        }
      })
    return [
      bytesFile('oci-layout', Buffer.from(layoutHeader)),
      bytesFile('index.json', serializeLayoutIndex({ ...emptyLayoutIndex, entries })),
      ...(await this.#form.files(content, options)),
      ...blobs,
    ]
  }

  /** What has a name, and the manifests that no name and no index leads to: images without one, referrers. */
  #roots(): readonly ArchiveRoot[] {
    const named = [...this.#names].map(([name, descriptor]) => ({ name, descriptor }))
    const led = new Set(named.map(({ descriptor }) => descriptor.digest))
    for (const { links } of this.#content.values())
      for (const { digest } of links?.manifests ?? []) led.add(digest)
    const others = [...this.#content.values()].filter(
      ({ links, descriptor }) => links !== undefined && !led.has(descriptor.digest),
    )
    return [
      ...named.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      ...others.toSorted(compareDigests).map(({ descriptor, links }) => ({
        descriptor: links?.subject === undefined ? descriptor : links.descriptor,
        name: undefined,
      })),
    ]
  }

  async #readLinks(
    descriptor: Descriptor,
    region: Region,
    staging: StagingFile,
    options: OperationOptions,
  ): Promise<ManifestLinks | undefined> {
    if (!isManifestType(descriptor.mediaType)) return undefined
    const staged = { fetch: async () => staging.read(region, descriptor.digest, options) }
    return readManifestLinks(descriptor, await fetchBytes(staged, descriptor, options))
  }

  #stored({ digest }: Descriptor): StagedContent {
    const stored = this.#content.get(digest)
    if (stored === undefined)
      throw new NotFoundError(`Cannot find ${digest} in ${this.display}: it is not there`)
    return stored
  }

  #isOver(): UsageError {
    return new UsageError(`Cannot write ${this.display}: it was committed or discarded already`)
  }

  #stage(): Promise<StagingFile> {
    if (this.#ended)
      throw new UsageError(`Cannot write ${this.display}: it was committed or discarded already`)
    this.#staging ??= this.#openStaging()
    return this.#staging
  }

  async #openStaging(): Promise<StagingFile> {
    const { temporaryDirectory = tmpdir(), signal } = this.#options
    await this.#output.prepare?.({ signal })
    return StagingFile.open(temporaryDirectory, signal)
  }
}

function compareDigests(a: StagedContent, b: StagedContent): number {
  return a.descriptor.digest < b.descriptor.digest ? -1 : 1
}
