import type { Readable } from 'node:stream'
import type {
  Body,
  FetchOptions,
  Fetcher,
  Mounter,
  NamedPusher,
  OperationOptions,
  Prober,
  Pusher,
  PushOptions,
  Resolver,
  Source,
  TagLister,
  Tagger,
  Target,
} from '../content/index.ts'
import { bytesBody } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { blobExists, fetchBlob } from './fetch-blob.ts'
import { listTags } from './list-tags.ts'
import { isManifestType } from './manifest-document.ts'
import type { ManifestMemory } from './manifest-memory.ts'
import {
  checkPushable,
  fetchManifest,
  manifestExists,
  manifestToPush,
  putManifest,
  resolveManifest,
} from './manifests.ts'
import { mountBlob } from './mount-blob.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'
import { SharedWork } from './shared-work.ts'
import { uploadBlob, type UploadHabits } from './upload-blob.ts'
import { cancelSession, type UploadSession } from './upload-session.ts'

/** A repository at a registry, to read from and write to. */
export interface Repository
  extends Resolver, Fetcher, Pusher, Prober, Tagger, NamedPusher, Mounter, TagLister {
  /** As a person reads it: `docker.io/library/python`. */
  readonly display: string
  readonly manifestsAreWhole: boolean
}

/** What a {@link RegistryRepository} works with. */
export interface RegistryRepositoryOptions {
  readonly endpoint: RepositoryEndpoint
  /** Where to read first. */
  readonly mirrors: readonly RepositoryEndpoint[]
  readonly memory: ManifestMemory
  readonly habits: UploadHabits
  readonly foreignLayers: boolean
}

/** {@link Repository} over the distribution protocol. */
export class RegistryRepository implements Repository {
  readonly endpoint: RepositoryEndpoint
  /** Registries take a manifest only when they have what it names. */
  readonly manifestsAreWhole = true
  readonly #options: RegistryRepositoryOptions
  readonly #pushes = new SharedWork<void>()
  readonly #sessions = new Map<string, UploadSession>()

  constructor(options: RegistryRepositoryOptions) {
    this.endpoint = options.endpoint
    this.#options = options
  }

  get display(): string {
    return this.endpoint.display
  }

  async resolve(name: string, options: OperationOptions = {}): Promise<Descriptor> {
    return resolveManifest(this.endpoint, this.#options.memory, name, options)
  }

  async fetch(descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> {
    const { memory, foreignLayers } = this.#options
    if (!isManifestType(descriptor.mediaType)) {
      return fetchBlob(this.endpoint, descriptor, { ...options, foreignLayers })
    }
    const bytes = await fetchManifest(this.endpoint, memory, descriptor, options)
    const { start = 0, end = bytes.length - 1 } = options.range ?? {}
    return bytesBody(bytes.subarray(start, end + 1)).open(0)
  }

  async exists(descriptor: Descriptor, options: OperationOptions = {}): Promise<boolean> {
    if (isManifestType(descriptor.mediaType)) return manifestExists(this.endpoint, descriptor.digest, options)
    return blobExists(this.endpoint, descriptor, options)
  }

  async push(descriptor: Descriptor, body: Body, options: PushOptions = {}): Promise<void> {
    const work = (signal: AbortSignal): Promise<void> => this.#push(descriptor, body, { ...options, signal })
    await this.#pushes.run(descriptor.digest, work, options.signal)
  }

  async #push(descriptor: Descriptor, body: Body, options: PushOptions): Promise<void> {
    if (!isManifestType(descriptor.mediaType)) {
      const session = this.#sessions.get(descriptor.digest)
      this.#sessions.delete(descriptor.digest)
      await uploadBlob(this.endpoint, descriptor, body, { ...options, habits: this.#options.habits, session })
      return
    }
    const bytes = await manifestToPush(this.endpoint, descriptor, body, options)
    await this.pushAs(descriptor, bytes, descriptor.digest, options)
    options.onBytes?.(bytes.length)
  }

  async pushAs(
    descriptor: Descriptor,
    bytes: Uint8Array,
    name: string,
    options: OperationOptions = {},
  ): Promise<void> {
    checkPushable(this.endpoint, descriptor, bytes.length)
    await putManifest(this.endpoint, this.#options.memory, descriptor, bytes, name, options)
  }

  async tag(descriptor: Descriptor, name: string, options: OperationOptions = {}): Promise<void> {
    const bytes = await fetchManifest(this.endpoint, this.#options.memory, descriptor, options)
    await this.pushAs(descriptor, bytes, name, options)
  }

  mayMountFrom(from: Source | Target): boolean {
    return siblingOf(this.endpoint, from) !== undefined
  }

  async mount(
    descriptor: Descriptor,
    from: Source | Target,
    options: OperationOptions = {},
  ): Promise<boolean> {
    const sibling = siblingOf(this.endpoint, from)
    if (sibling === undefined || isManifestType(descriptor.mediaType)) return false
    const result = await mountBlob(this.endpoint, descriptor, sibling.path, options)
    if (!result.mounted && result.session !== undefined) this.#sessions.set(descriptor.digest, result.session)
    return result.mounted
  }

  tags(options: OperationOptions = {}): AsyncIterable<string> {
    return listTags(this.endpoint, options)
  }

  /** Cancels the upload sessions that nobody used. Never rejects. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    await Promise.all(sessions.map((session) => cancelSession(this.endpoint, session)))
  }
}

/** The place's endpoint, where it is another repository at the same registry. */
function siblingOf(endpoint: RepositoryEndpoint, from: Source | Target): RepositoryEndpoint | undefined {
  if (!(from instanceof RegistryRepository)) return undefined
  const other = from.endpoint
  return other.host.name === endpoint.host.name && other.path !== endpoint.path ? other : undefined
}
