import type { Readable } from 'node:stream'
import type {
  Body,
  Deleter,
  Fetcher,
  FetchOptions,
  Mounter,
  NamedPusher,
  OperationOptions,
  Prober,
  Pusher,
  PushOptions,
  ReferrerLister,
  ReferrersOptions,
  ResolveOptions,
  Resolver,
  Source,
  TagChange,
  TagChanger,
  TagLister,
  Tagger,
  Target,
} from '../content/index.ts'
import { bytesBody, NotFoundError } from '../content/index.ts'
import type { Descriptor, Digest } from '../oci/index.ts'
import { deleteContent } from './delete-content.ts'
import { blobExists } from './blob-exists.ts'
import { changeTag } from './change-tag.ts'
import { fetchBlob } from './fetch-blob.ts'
import { isManifestType } from './is-manifest-type.ts'
import { listTags } from './list-tags.ts'
import type { ManifestMemory } from './manifest-memory.ts'
import { checkPushable, manifestToPush, putManifest } from './push-manifest.ts'
import { fetchManifest, manifestExists, resolveManifest } from './read-manifest.ts'
import { mountBlob } from './mount-blob.ts'
import { type RateLimit, readRateLimit } from './rate-limit.ts'
import { readFirst, type UnreachableMirrors } from './read-first.ts'
import { Referrers } from './referrers.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'
import { SharedWork } from './shared-work.ts'
import { untag } from './untag.ts'
import { uploadBlob, type UploadHabits } from './upload-blob.ts'
import { cancelSession, type UploadSession } from './upload-session.ts'

/** A repository at a registry, to read from and write to. */
export interface Repository
  extends
    Resolver,
    Fetcher,
    Pusher,
    Prober,
    Tagger,
    NamedPusher,
    Mounter,
    ReferrerLister,
    TagLister,
    TagChanger,
    Deleter {
  /** As a person reads it: `docker.io/library/python`. */
  readonly display: string
  readonly manifestsAreWhole: boolean
  readonly isRegistry: true
  expectPushes(): void
  /**
   * How many pulls are left here, asked without spending one; undefined when the registry does not tell.
   *
   * @param name A tag or digest that is there.
   */
  rateLimit(name: string, options?: OperationOptions): Promise<RateLimit | undefined>
}

/** What a {@link RegistryRepository} works with. */
export interface RegistryRepositoryOptions {
  readonly endpoint: RepositoryEndpoint
  /** Where to read first. */
  readonly mirrors: readonly RepositoryEndpoint[]
  readonly unreachable: UnreachableMirrors
  readonly memory: ManifestMemory
  readonly habits: UploadHabits
  readonly foreignLayers: boolean
}

/** {@link Repository} over the distribution protocol. Reads go to mirrors first, writes and lists never do. */
export class RegistryRepository implements Repository {
  readonly endpoint: RepositoryEndpoint
  /** Registries take a manifest only when they have what it names. */
  readonly manifestsAreWhole = true
  readonly isRegistry = true
  readonly content: Fetcher = this
  readonly #options: RegistryRepositoryOptions
  readonly #referrers: Referrers
  readonly #pushes = new SharedWork<void>()
  /** Upload sessions that registries opened instead of mounting, by digest. */
  readonly #sessions = new Map<string, UploadSession>()
  /** Repositories from which this one is not allowed to mount. */
  readonly #noMountsFrom = new Set<string>()

  constructor(options: RegistryRepositoryOptions) {
    this.endpoint = options.endpoint
    this.#options = options
    this.#referrers = new Referrers(options.endpoint, options.memory, options.habits.wait)
  }

  get display(): string {
    return this.endpoint.display
  }

  expectPushes(): void {
    this.endpoint.expectPushes()
  }

  resolve(name: string, options: ResolveOptions = {}): Promise<Descriptor> {
    return this.#read(options, (endpoint) => resolveManifest(endpoint, this.#options.memory, name, options))
  }

  async fetch(descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> {
    const { mirrors, unreachable, foreignLayers } = this.#options
    if (!isManifestType(descriptor.mediaType)) {
      const reachable = mirrors.filter(({ host }) => !unreachable.has(host.name))
      return fetchBlob(this.endpoint, reachable, descriptor, { ...options, foreignLayers })
    }
    const bytes = await this.#manifest(descriptor, options)
    const { start = 0, end = bytes.length - 1 } = options.range ?? {}
    return bytesBody(bytes.subarray(start, end + 1)).open(0)
  }

  exists(descriptor: Descriptor, options: OperationOptions = {}): Promise<boolean> {
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
      const { habits } = this.#options
      await uploadBlob(this.endpoint, descriptor, body, { ...options, habits, session })
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
    checkPushable(this.endpoint, descriptor, bytes)
    const { habits, memory } = this.#options
    const putting = { ...options, wait: habits.wait }
    const response = await putManifest(this.endpoint, memory, descriptor, bytes, name, putting)
    await this.#referrers.pushed(descriptor, bytes, response.header('oci-subject'), options)
  }

  async tag(descriptor: Descriptor, name: string, options: OperationOptions = {}): Promise<void> {
    const bytes = await this.#manifest(descriptor, options)
    await putManifest(this.endpoint, this.#options.memory, descriptor, bytes, name, options)
  }

  changeTag(name: string, change: TagChange, { signal }: OperationOptions = {}): Promise<void> {
    const { memory, habits } = this.#options
    const doing = `change the tag ${name} at ${this.display}`
    return changeTag(this.endpoint, memory, name, change, { signal, wait: habits.wait, doing })
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
    if (this.#noMountsFrom.has(sibling.path)) return false
    const result = await mountBlob(this.endpoint, descriptor, sibling.path, options)
    if (result.mounted) return true
    if (result.isRefused === true) this.#noMountsFrom.add(sibling.path)
    if (result.session !== undefined) await this.#keepSession(descriptor.digest, result.session)
    return false
  }

  async #keepSession(digest: Digest, session: UploadSession): Promise<void> {
    const unused = this.#sessions.get(digest)
    this.#sessions.set(digest, session)
    if (unused !== undefined) await cancelSession(this.endpoint, unused)
  }

  referrers(subject: Digest, options: ReferrersOptions = {}): Promise<readonly Descriptor[]> {
    return this.#referrers.list(subject, options)
  }

  tags(options: OperationOptions = {}): AsyncIterable<string> {
    return listTags(this.endpoint, options)
  }

  async holdsNothing(options: OperationOptions = {}): Promise<boolean> {
    try {
      for await (const tag of listTags(this.endpoint, options)) return tag === undefined
      return false
    } catch (error) {
      options.signal?.throwIfAborted()
      // What is there without a tag is uploaded again, which harms nothing; a refusal says nothing.
      return error instanceof NotFoundError
    }
  }

  untag(name: string, options: OperationOptions = {}): Promise<void> {
    const { memory, habits } = this.#options
    return untag(this.endpoint, memory, habits, name, options)
  }

  async delete(descriptor: Descriptor, options: OperationOptions = {}): Promise<void> {
    await deleteContent(this.endpoint, descriptor, options)
    this.#options.memory.forget(this.endpoint.display, descriptor.digest)
  }

  rateLimit(name: string, options: OperationOptions = {}): Promise<RateLimit | undefined> {
    return readRateLimit(this.endpoint, name, options)
  }

  /** Cancels the upload sessions that nobody used. Never rejects. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    await Promise.all(sessions.map((session) => cancelSession(this.endpoint, session)))
  }

  #manifest(descriptor: Descriptor, options: OperationOptions): Promise<Uint8Array> {
    const { memory } = this.#options
    const known = memory.get(this.endpoint.display, descriptor.digest)
    if (known !== undefined) return Promise.resolve(known.bytes)
    return this.#read(options, (endpoint) => fetchManifest(endpoint, memory, descriptor, options))
  }

  #read<Result>(
    { signal }: OperationOptions,
    read: (endpoint: RepositoryEndpoint) => Promise<Result>,
  ): Promise<Result> {
    const { mirrors, unreachable } = this.#options
    return readFirst(mirrors, this.endpoint, unreachable, signal, read)
  }
}

/** The place's endpoint, where it is another repository at the same registry. */
function siblingOf(endpoint: RepositoryEndpoint, from: Source | Target): RepositoryEndpoint | undefined {
  if (!(from instanceof RegistryRepository)) return undefined
  const other = from.endpoint
  return other.host.name === endpoint.host.name && other.path !== endpoint.path ? other : undefined
}
