import {
  type Body,
  type Deleter,
  type FetchOptions,
  NotFoundError,
  type OperationOptions,
  type PushOptions,
  type ReferrerLister,
  type ReferrersOptions,
  type Source,
  type TagLister,
  type Target,
} from '../../content/index.ts'
import type { Descriptor, Digest } from '../../oci/index.ts'
import { Readable } from 'node:stream'
import { isManifestType, type ManifestLinks, readManifestLinks } from '../manifest-links.ts'
import { nameNotFound } from '../name-not-found.ts'
import { receiveBody } from '../receive-body.ts'

/** A place in memory: everything that a registry repository can do, for tests and for users of the library. */
export interface MemoryStore extends Source, Target, TagLister, ReferrerLister, Deleter {
  readonly display: string
  referrers(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>
  tags(options?: OperationOptions): AsyncIterable<string>
}

/** Options of {@link createMemoryStore}. */
export interface MemoryStoreOptions {
  /** How messages name it; default `memory`. */
  readonly display?: string
}

/** A new {@link MemoryStore} that holds nothing. Content stays in memory whole: it is not for large images. */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  return new ContentInMemory(options.display ?? 'memory')
}

interface StoredContent {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
  /** Set for manifests. */
  readonly links: ManifestLinks | undefined
}

class ContentInMemory implements MemoryStore {
  readonly display: string
  readonly manifestsAreWhole: boolean = false
  readonly #content = new Map<Digest, StoredContent>()
  readonly #tags = new Map<string, Descriptor>()

  constructor(display: string) {
    this.display = display
  }

  async resolve(name: string, options: OperationOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted()
    const found =
      this.#tags.get(name) ??
      [...this.#content.values()].find(({ descriptor }) => descriptor.digest === name)?.descriptor
    if (found === undefined) throw nameNotFound(this.display, name, this.#tags.keys())
    return found
  }

  async fetch(descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> {
    options.signal?.throwIfAborted()
    const { bytes } = this.#stored(descriptor)
    const { start = 0, end = bytes.length - 1 } = options.range ?? {}
    const part = bytes.subarray(start, end + 1)
    return Readable.from(part.length === 0 ? [] : [part], { objectMode: false })
  }

  async push(descriptor: Descriptor, body: Body, options: PushOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    if (this.#content.has(descriptor.digest)) return
    const chunks: Uint8Array[] = []
    await receiveBody(descriptor, body, (chunk) => void chunks.push(chunk), options)
    const bytes = Buffer.concat(chunks)
    const links = isManifestType(descriptor.mediaType) ? readManifestLinks(descriptor, bytes) : undefined
    const { mediaType, digest, size } = descriptor
    this.#content.set(digest, { descriptor: { mediaType, digest, size }, bytes, links })
  }

  async exists(descriptor: Descriptor, options: OperationOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    return this.#content.has(descriptor.digest)
  }

  async tag(descriptor: Descriptor, name: string, options: OperationOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    this.#tags.set(name, this.#stored(descriptor).descriptor)
  }

  async referrers(subject: Digest, options: ReferrersOptions = {}): Promise<readonly Descriptor[]> {
    options.signal?.throwIfAborted()
    return [...this.#content.values()]
      .flatMap(({ links }) => (links?.subject === subject ? [links.descriptor] : []))
      .filter(
        ({ artifactType }) => options.artifactType === undefined || artifactType === options.artifactType,
      )
  }

  async *tags(options: OperationOptions = {}): AsyncIterable<string> {
    for (const name of this.#tags.keys()) {
      options.signal?.throwIfAborted()
      yield name
    }
  }

  async untag(name: string, options: OperationOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    if (!this.#tags.delete(name)) throw nameNotFound(this.display, name, this.#tags.keys())
  }

  async delete(descriptor: Descriptor, options: OperationOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    this.#stored(descriptor)
    this.#content.delete(descriptor.digest)
    for (const [name, { digest }] of this.#tags) if (digest === descriptor.digest) this.#tags.delete(name)
  }

  #stored({ digest }: Descriptor): StoredContent {
    const stored = this.#content.get(digest)
    if (stored === undefined)
      throw new NotFoundError(`Cannot find ${digest} in ${this.display}: it is not there`)
    return stored
  }
}
