import {
  type Descriptor,
  type Digest,
  type ImageIndex,
  type ImageManifest,
  isManifest,
} from '../oci/index.ts'
import { allOrFirstError } from './all-or-first-error.ts'
import { AttachmentFinder } from './attachments.ts'
import type { OperationOptions, Source, Target } from './capabilities.ts'
import type { CopyEvent, CopyJob, CopyReport, CopyResult } from './copy-events.ts'
import { GraphCopier } from './copy-graph.ts'
import { dryRunTarget } from './dry-run-target.ts'
import { LimitExceededError } from './errors.ts'
import { createLimiter, type Limiter } from './limiter.ts'
import { lookUp } from './look-up.ts'

/** Options of {@link copyImages}. */
export interface CopyOptions extends OperationOptions {
  /** Images under way at a time; default 8. */
  readonly imagesAtOnce?: number
  /** Blobs under way at a time, over all images; default 6. */
  readonly blobsAtOnce?: number
  /**
   * Signatures, attestations, SBOMs and whatever else refers to what is copied, by referrers API,
   * fallback tag or cosign's tags; default true.
   */
  readonly attachments?: boolean
  /** Which entries of each index are copied; its bytes stay, so that it becomes sparse. Default: all. */
  readonly select?: ((index: ImageIndex) => readonly Descriptor[]) | undefined
  /** Transfer non-distributable layers too; default false: they stay descriptors. */
  readonly foreignLayers?: boolean
  /** Look below manifests that the target has already; default false where the target keeps manifests whole. */
  readonly forceRecursive?: boolean
  /** Write nothing; events say what would be done. Default false. */
  readonly dryRun?: boolean
  readonly onEvent?: ((event: CopyEvent) => void) | undefined
}

/** Attachments of attachments are followed so deep. */
const deepestAttachment = 5
/** Manifests whose attachments are looked for at a time; an index may have thousands of entries. */
const lookUpsAtOnce = 8
/** More things than this attached to one image are not a real image's. */
const mostAttachments = 10_000

/** From so many images on, one request to find out whether a target is empty is worth its time. */
const manyImages = 4

/**
 * Copies images between places, byte for byte.
 *
 * Content that several images share is transferred once. One image that fails does not stop the
 * others; with a single job the rest of it is stopped at once. The report says how each job ended; the
 * promise itself only rejects when `signal` is aborted.
 */
export async function copyImages(jobs: readonly CopyJob[], options: CopyOptions = {}): Promise<CopyReport> {
  options.signal?.throwIfAborted()
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, ...(options.signal === undefined ? [] : [options.signal])])
  const copier = new GraphCopier({
    blobsAtOnce: options.blobsAtOnce ?? 6,
    select: options.select,
    foreignLayers: options.foreignLayers ?? false,
    forceRecursive: options.forceRecursive ?? false,
    onEvent: options.onEvent ?? (() => undefined),
    signal,
  })
  const images = createLimiter(options.imagesAtOnce ?? 8)
  const copies = new ImageCopies(copier, options, signal)
  if (jobs.length >= manyImages) await copies.findEmptyTargets(jobs)

  const results = await Promise.all(
    jobs.map((job) =>
      images.run(async (): Promise<CopyResult> => {
        let root = job.root
        try {
          signal.throwIfAborted()
          let { there } = job
          if (root === undefined) {
            there ??= copies.lookUpTarget(job)
            // What the target does not have under this name is fetched next.
            root = await job.source.resolve(job.name, { signal, content: (await there) === undefined })
          }
          const attachments = await copies.copy({ ...job, root, there })
          return { job, ok: true, root, attachments }
        } catch (error) {
          if (jobs.length === 1) stop.abort(error)
          return { job, ok: false, error, root }
        }
      }),
    ),
  )
  options.signal?.throwIfAborted()
  return { results, counts: copier.counts }
}

/** The steps of one image: the graph, then what is attached to it. */
class ImageCopies {
  readonly #copier: GraphCopier
  readonly #options: CopyOptions
  readonly #signal: AbortSignal
  readonly #finders = new Map<Source, AttachmentFinder>()
  readonly #dryRuns = new Map<Target, Target>()
  readonly #lookUps: Limiter = createLimiter(lookUpsAtOnce)

  constructor(copier: GraphCopier, options: CopyOptions, signal: AbortSignal) {
    this.#copier = copier
    this.#options = options
    this.#signal = signal
  }

  /** Asks each target once whether it holds anything: where it does not, nothing more needs to be asked. */
  async findEmptyTargets(jobs: readonly CopyJob[]): Promise<void> {
    const targets = new Set(jobs.map(({ target }) => target))
    await Promise.all(
      [...targets].map(async (target) => {
        if (this.#options.dryRun !== true) target.expectPushes?.()
        if (await target.holdsNothing?.({ signal: this.#signal })) this.#copier.expectNothingAt(target)
      }),
    )
  }

  /** What the first name points to at the target; undefined where that does not matter. */
  async lookUpTarget({ target, as: [name] }: CopyJob): Promise<Descriptor | undefined> {
    if (name === undefined || !target.manifestsAreWhole || this.#copier.expectsNothingAt(target))
      return undefined
    if (this.#options.dryRun !== true) target.expectPushes?.()
    return lookUp(target, name, { signal: this.#signal })
  }

  /** @returns how many attachments there were. */
  async copy(job: CopyJob & { readonly root: Descriptor }): Promise<number> {
    const { source, root, as: names, there } = job
    const target = this.#options.dryRun === true ? this.#dryRun(job.target) : job.target
    const origin: unknown = source.origin ?? source
    const isSamePlace = origin === job.target
    await this.#copier.copy(source, target, root, names, { there, hasAllBelow: isSamePlace })
    if (this.#options.attachments === false || isSamePlace) return 0
    return this.#copyAttachments(source, target, root)
  }

  async #copyAttachments(source: Source, target: Target, root: Descriptor): Promise<number> {
    let subjects: readonly Descriptor[] = await this.#manifestsOf(source, target, root)
    const seen = new Set(subjects.map(({ digest }) => digest))
    const before = seen.size
    for (let depth = 0; subjects.length > 0 && depth < deepestAttachment; depth += 1) {
      const attached = await allOrFirstError(
        subjects.map((subject) =>
          this.#lookUps.run(() => this.#copyAttachedTo(source, target, subject, seen, before)),
        ),
      )
      subjects = attached.flat()
    }
    return seen.size - before
  }

  /** Copies what is attached to one manifest; gives the descriptors of what was. */
  async #copyAttachedTo(
    source: Source,
    target: Target,
    subject: Descriptor,
    seen: Set<Digest>,
    before: number,
  ): Promise<readonly Descriptor[]> {
    this.#signal.throwIfAborted()
    const attachments = (await this.#finder(source).of(subject.digest)).filter(({ descriptor }) => {
      const isNew = !seen.has(descriptor.digest)
      seen.add(descriptor.digest)
      return isNew
    })
    if (seen.size - before > mostAttachments) {
      throw new LimitExceededError(
        `Cannot copy what is attached to ${subject.digest}: there are more than ${mostAttachments} attachments`,
      )
    }
    for (const { descriptor, tag } of attachments) {
      await this.#copier.copy(source, target, descriptor, tag === undefined ? [] : [tag])
    }
    return attachments.map(({ descriptor }) => descriptor)
  }

  /** The root and, for an index, the entries that are copied: each may be signed by itself. */
  async #manifestsOf(source: Source, target: Target, root: Descriptor): Promise<readonly Descriptor[]> {
    if (isManifest(root.mediaType)) return [root]
    const manifest = await this.#readCopied(source, target, root)
    if (manifest.kind === 'manifest') return [root]
    return [root, ...(this.#options.select?.(manifest) ?? manifest.manifests)]
  }

  /** What the target had already is read there: source registries count what is fetched. */
  async #readCopied(source: Source, target: Target, root: Descriptor): Promise<ImageManifest | ImageIndex> {
    if (source.isRegistry === true && target.content !== undefined) {
      try {
        return await this.#copier.read(target.content, root)
      } catch {
        this.#signal.throwIfAborted()
      }
    }
    return this.#copier.read(source, root)
  }

  #finder(source: Source): AttachmentFinder {
    let finder = this.#finders.get(source)
    if (finder === undefined)
      this.#finders.set(source, (finder = new AttachmentFinder(source, { signal: this.#signal })))
    return finder
  }

  #dryRun(target: Target): Target {
    let dry = this.#dryRuns.get(target)
    if (dry === undefined) this.#dryRuns.set(target, (dry = dryRunTarget(target)))
    return dry
  }
}
