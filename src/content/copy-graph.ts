import {
  childrenOf,
  type Descriptor,
  type Digest,
  isForeignLayer,
  isIndex,
  isManifest,
  type ImageIndex,
  type ImageManifest,
  parseManifest,
} from '../oci/index.ts'
import { allOrFirstError } from './all-or-first-error.ts'
import { bytesBody, fetchedBody } from './body.ts'
import type { Fetcher, Source, Target } from './capabilities.ts'
import type { ContentKind, CopyCounts, CopyEvent, Outcome } from './copy-events.ts'
import {
  DamagedContentError,
  NotFoundError,
  SparseIndexRefusedError,
  UnavailableError,
  UnsupportedError,
} from './errors.ts'
import { fetchBytes } from './fetch-verified.ts'
import { createLimiter, type Limiter } from './limiter.ts'
import { lookUp } from './look-up.ts'

/** Indexes may hold indexes; nothing real goes deeper. */
const deepestNesting = 8
/** Indexes kept in memory; most have a few KiB. */
const indexesKept = 32

/** How places answer to a manifest that names what they do not have. */
const refusals: ReadonlySet<number> = new Set([400, 404, 409, 412, 422])

/** What a {@link GraphCopier} is told once for all that it copies. */
export interface GraphCopyOptions {
  /** Blobs under way at a time. */
  readonly blobsAtOnce: number
  /** Which entries of an index are copied; the index keeps its bytes. Default: all. */
  readonly select?: ((index: ImageIndex) => readonly Descriptor[]) | undefined
  /** Whether foreign layers are transferred too. */
  readonly foreignLayers: boolean
  /** Whether to look below manifests that the target has already. */
  readonly forceRecursive: boolean
  readonly onEvent: (event: CopyEvent) => void
  readonly signal: AbortSignal
}

/** Options of {@link GraphCopier.copy}. */
export interface RootOptions {
  /** What the first name points to at the target; default: it is looked up. */
  readonly there?: Promise<Descriptor | undefined> | undefined
  /** Whether all below is known to be at the target, as that is the source too; default false. */
  readonly hasAllBelow?: boolean | undefined
}

/**
 * Copies graphs of content: children before parents, each distinct content once to a target however
 * many graphs share it, what is there is found by asking first and mounted where the target can.
 */
export class GraphCopier {
  readonly #options: GraphCopyOptions
  readonly #blobs: Limiter
  readonly #done = new Map<Target, Map<Digest, Promise<void>>>()
  /** Which targets of this copier have (or are about to have) a blob: where to mount from. */
  readonly #holders = new Map<Digest, Holder[]>()
  readonly #indexes = new Map<Digest, FetchedManifest>()
  readonly #nothingAt = new Set<Target>()
  readonly #counts = { manifests: noOutcomes(), blobs: noOutcomes(), bytes: 0 }

  constructor(options: GraphCopyOptions) {
    this.#options = options
    this.#blobs = createLimiter(options.blobsAtOnce)
  }

  get counts(): CopyCounts {
    return this.#counts
  }

  /**
   * Copies a manifest or index and all below it, and gives it names.
   *
   * @param names none: it is stored by digest.
   */
  async copy(
    source: Source,
    target: Target,
    root: Descriptor,
    names: readonly string[],
    { there, hasAllBelow = false }: RootOptions = {},
  ): Promise<void> {
    const [first, ...others] = names
    if (first === undefined) {
      await this.#copyManifest(source, target, root, 0)
      return
    }
    const { signal, onEvent } = this.#options
    if (await this.#isNamed(target, root, first, there)) {
      this.#finished(root, 'manifest', 'existed')
    } else {
      const fetched = hasAllBelow
        ? await this.#fetchManifest(source, root)
        : await this.#copyBelow(source, target, root, 0)
      await this.#pushManifest(target, root, fetched, first)
    }
    for (const name of others) {
      await target.tag(root, name, { signal })
      onEvent({ type: 'tagged', descriptor: root, name })
    }
  }

  /** Notes that a target held nothing before: it is not asked what it has, for what comes from here is known. */
  expectNothingAt(target: Target): void {
    this.#nothingAt.add(target)
  }

  /** Whether {@link expectNothingAt} was said of a target. */
  expectsNothingAt(target: Target): boolean {
    return this.#nothingAt.has(target)
  }

  /** The manifest that a descriptor names, verified and parsed. */
  async read(source: Fetcher, descriptor: Descriptor): Promise<ImageManifest | ImageIndex> {
    return (await this.#fetchManifest(source, descriptor)).manifest
  }

  async #fetchManifest(source: Fetcher, descriptor: Descriptor): Promise<FetchedManifest> {
    const kept = this.#indexes.get(descriptor.digest)
    if (kept !== undefined) return kept
    const bytes = await fetchBytes(source, descriptor, { signal: this.#options.signal })
    const fetched = { bytes, manifest: parseManifest(bytes, descriptor.mediaType) }
    if (fetched.manifest.kind === 'index') this.#keepIndex(descriptor.digest, fetched)
    return fetched
  }

  /** Indexes are read twice, for what is below and for what is attached to their entries; a few are kept. */
  #keepIndex(digest: Digest, fetched: FetchedManifest): void {
    const [oldest] = this.#indexes.keys()
    if (oldest !== undefined && this.#indexes.size >= indexesKept) this.#indexes.delete(oldest)
    this.#indexes.set(digest, fetched)
  }

  /** Whether the target has the root under that name, and with it all that is below. */
  async #isNamed(
    target: Target,
    root: Descriptor,
    name: string,
    there: Promise<Descriptor | undefined> | undefined,
  ): Promise<boolean> {
    if (!this.#mayStopAt(target) || this.#nothingAt.has(target)) return false
    const { signal } = this.#options
    const named = await (there ?? lookUp(target, name, { signal }))
    return named?.digest === root.digest
  }

  async #exists(target: Target, descriptor: Descriptor): Promise<boolean> {
    return !this.#nothingAt.has(target) && target.exists(descriptor, { signal: this.#options.signal })
  }

  #mayStopAt(target: Target): boolean {
    return target.manifestsAreWhole && !this.#options.forceRecursive
  }

  #copyManifest(source: Source, target: Target, descriptor: Descriptor, depth: number): Promise<void> {
    return this.#once(target, descriptor, async () => {
      if (this.#mayStopAt(target) && (await this.#exists(target, descriptor))) {
        this.#finished(descriptor, 'manifest', 'existed')
        return
      }
      const fetched = await this.#copyBelow(source, target, descriptor, depth)
      await this.#pushManifest(target, descriptor, fetched)
    })
  }

  /** Copies the children of a manifest; gives the manifest itself. */
  async #copyBelow(
    source: Source,
    target: Target,
    descriptor: Descriptor,
    depth: number,
  ): Promise<FetchedManifest> {
    if (depth > deepestNesting) {
      throw new DamagedContentError(
        `Cannot copy ${descriptor.digest}: indexes are nested more than ${deepestNesting} deep`,
      )
    }
    const fetched = await this.#fetchManifest(source, descriptor)
    const { manifest } = fetched
    const children = this.#chosenChildren(manifest)
    await allOrFirstError(
      children.map((child) =>
        manifest.kind === 'index' && (isManifest(child.mediaType) || isIndex(child.mediaType))
          ? this.#copyManifest(source, target, child, depth + 1)
          : this.#copyBlob(source, target, child),
      ),
    )
    return fetched
  }

  #chosenChildren(manifest: ImageManifest | ImageIndex): readonly Descriptor[] {
    const { select } = this.#options
    const children =
      manifest.kind === 'index' && select !== undefined ? select(manifest) : childrenOf(manifest)
    const distinct = new Map(children.map((child) => [child.digest, child]))
    return [...distinct.values()]
  }

  async #pushManifest(
    target: Target,
    descriptor: Descriptor,
    fetched: FetchedManifest,
    name?: string,
  ): Promise<void> {
    const { onEvent } = this.#options
    try {
      await this.#put(target, descriptor, fetched.bytes, name)
    } catch (error) {
      if (!this.#isSparse(fetched.manifest) || !isRefusal(error)) throw error
      throw new SparseIndexRefusedError(
        `Cannot copy some platforms of an index to ${target.display}: ${error.message}`,
        { cause: error },
      )
    }
    this.#finished(descriptor, 'manifest', 'copied')
    if (name !== undefined) onEvent({ type: 'tagged', descriptor, name })
  }

  async #put(target: Target, descriptor: Descriptor, bytes: Buffer, name: string | undefined): Promise<void> {
    const { signal } = this.#options
    if (name !== undefined && target.pushAs !== undefined) {
      await target.pushAs(descriptor, bytes, name, { signal })
      return
    }
    await target.push(descriptor, bytesBody(bytes), { signal })
    if (name !== undefined) await target.tag(descriptor, name, { signal })
  }

  /** Whether entries of an index were left out. */
  #isSparse(manifest: ImageManifest | ImageIndex): boolean {
    const { select } = this.#options
    return (
      manifest.kind === 'index' && select !== undefined && select(manifest).length < manifest.manifests.length
    )
  }

  #copyBlob(source: Source, target: Target, descriptor: Descriptor): Promise<void> {
    return this.#once(target, descriptor, async () => {
      if (isForeignLayer(descriptor.mediaType) && !this.#options.foreignLayers) {
        this.#finished(descriptor, 'blob', 'foreign')
        return
      }
      const holders = this.#holdersOf(descriptor.digest)
      const settled = Promise.withResolvers<boolean>()
      const siblings = [...holders]
      holders.push({ target, has: settled.promise })
      let has = false
      try {
        const outcome = await this.#obtain(source, target, descriptor, siblings)
        has = true
        this.#finished(descriptor, 'blob', outcome)
      } finally {
        settled.resolve(has)
      }
    })
  }

  async #obtain(
    source: Source,
    target: Target,
    descriptor: Descriptor,
    siblings: readonly Holder[],
  ): Promise<Outcome> {
    const mountable = siblings.filter((sibling) => target.mayMountFrom?.(sibling.target) ?? false)
    for (const sibling of mountable) {
      if ((await sibling.has) && (await this.#mount(target, descriptor, sibling.target))) return 'mounted'
    }
    return this.#blobs.run(async () => {
      const { signal } = this.#options
      signal.throwIfAborted()
      // Where it can be mounted from the source, that is one request, whether it is there already or not.
      if (await this.#mount(target, descriptor, source.origin ?? source)) return 'mounted'
      if (await this.#exists(target, descriptor)) return 'existed'
      await this.#transfer(source, target, descriptor)
      return 'copied'
    })
  }

  async #mount(target: Target, descriptor: Descriptor, from: Source | Target): Promise<boolean> {
    if (target.mount === undefined || !(target.mayMountFrom?.(from) ?? false)) return false
    return target.mount(descriptor, from, { signal: this.#options.signal })
  }

  async #transfer(source: Source, target: Target, descriptor: Descriptor): Promise<void> {
    const { signal, onEvent } = this.#options
    onEvent({ type: 'started', descriptor, kind: 'blob' })
    const body = descriptor.data === undefined ? fetchedBody(source, descriptor) : bytesBody(descriptor.data)
    await target.push(descriptor, body, {
      signal,
      onBytes: (count) => onEvent({ type: 'bytes', descriptor, count }),
    })
    this.#counts.bytes += descriptor.size
  }

  #holdersOf(digest: Digest): Holder[] {
    let holders = this.#holders.get(digest)
    if (holders === undefined) this.#holders.set(digest, (holders = []))
    return holders
  }

  #once(target: Target, descriptor: Descriptor, action: () => Promise<void>): Promise<void> {
    let done = this.#done.get(target)
    if (done === undefined) this.#done.set(target, (done = new Map<Digest, Promise<void>>()))
    let promise = done.get(descriptor.digest)
    if (promise === undefined) {
      promise = action().catch((error: unknown) => {
        // Another image may have the same content at a place where it is whole: let it try.
        done.delete(descriptor.digest)
        throw error
      })
      done.set(descriptor.digest, promise)
    }
    return promise
  }

  #finished(descriptor: Descriptor, kind: ContentKind, outcome: Outcome): void {
    this.#counts[kind === 'manifest' ? 'manifests' : 'blobs'][outcome] += 1
    this.#options.onEvent({ type: 'finished', descriptor, kind, outcome })
  }
}

interface FetchedManifest {
  readonly bytes: Buffer
  readonly manifest: ImageManifest | ImageIndex
}

interface Holder {
  readonly target: Target
  readonly has: Promise<boolean>
}

/** Whether the place said no to what it was given, rather than failed at it. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof NotFoundError || error instanceof UnsupportedError) return true
  return error instanceof UnavailableError && refusals.has(error.status ?? 0)
}

function noOutcomes(): Record<Outcome, number> {
  return { copied: 0, mounted: 0, existed: 0, foreign: 0 }
}
