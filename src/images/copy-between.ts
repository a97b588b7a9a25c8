import {
  copyImages,
  createLimiter,
  bytesBody,
  type CopyJob,
  type CopyOptions,
  type CopyReport,
  lookUp,
  type OperationOptions,
  type Source,
  SparseIndexRefusedError,
  UnsupportedError,
} from '../content/index.ts'
import { UsageError } from '../errors/index.ts'
import type { Descriptor, Platform } from '../oci/index.ts'
import type { Location } from './location.ts'
import { findManifest, pickImage, readImageConfig, readManifest } from './pick-image.ts'
import type { OpenedSource, OpenedTarget, Places } from './places.ts'
import { platformEntries, platformEntry } from './platform-entry.ts'
import { stripPlatforms } from './strip-platforms.ts'

/** What to copy where. */
export interface CopyRequest {
  readonly from: Location
  readonly to: readonly Location[]
  /** Copy every tag of `from` for which this is true, under its name; default: the one image that `from` names. */
  readonly tags?: ((tag: string) => boolean) | undefined
  /** Only these platforms of an index; default: all. */
  readonly platforms?: readonly Platform[] | undefined
  /** Write a new index with nothing but `platforms`; default false: the index keeps its bytes and is sparse. */
  readonly stripPlatforms?: boolean | undefined
  /** Which image of an index goes to a place that holds single images, where `platforms` does not say. */
  readonly hostPlatform: Platform
}

/** How a copy between places ended. */
export interface CopyOutcome extends CopyReport {
  /** In the order of the report's results: where each went. */
  readonly destinations: readonly Location[]
}

/**
 * Copies images from one place to others. A registry or a layout keeps what arrived before something failed; an archive
 * appears only when all that should be in it is.
 *
 * @throws what opening a place throws; what happens to single images is in the outcome.
 */
export async function copyBetween(
  places: Places,
  request: CopyRequest,
  options: Omit<CopyOptions, 'select'> = {},
): Promise<CopyOutcome> {
  const { signal } = options
  await using opened = await places.openSource(request.from, { whole: true, signal })
  const early =
    request.tags === undefined
      ? await lookUpEarly(places, request.to, options.dryRun === true, { signal })
      : undefined
  const images = await chooseImages(opened, request, { signal })

  await using stack = new AsyncDisposableStack()
  const targets: OpenedTarget[] = []
  const platform = request.platforms?.[0] ?? request.hostPlatform
  for (const location of request.to) {
    const from = request.from.kind === 'registry' ? request.from.reference : undefined
    targets.push(stack.use(await places.openTarget(location, { from, platform, signal })))
  }

  const jobs: CopyJob[] = []
  const destinations: Location[] = []
  for (const target of targets) {
    for (const image of images) {
      const { root, source } = holdsSingleImages(target.location)
        ? await unlessFailing(image, () => single(image, request, { signal }), { signal })
        : image
      jobs.push({
        source,
        name: image.name,
        root,
        target: target.target,
        as: image.as ?? (root === undefined ? [] : target.namesFor(root)),
        there: early?.get(target.location),
      })
      destinations.push(target.location)
    }
  }

  const { platforms } = request
  const isSparse = platforms !== undefined && request.stripPlatforms !== true
  const report = await copyImages(jobs, {
    ...options,
    select: isSparse ? (index) => platformEntries(index, platforms, opened.source.display) : undefined,
  })
  const results = report.results.map((result) =>
    result.ok ? result : { ...result, error: explainSparse(result.error) },
  )
  if (options.dryRun !== true) await commitWhole(targets, results, { signal })
  return { ...report, results, destinations }
}

/**
 * Asks registries what their tags point to now, while the source is asked what is to be copied: between distant
 * registries that is most of what a copy with nothing to do takes. Errors are told to whoever waits for an answer.
 */
async function lookUpEarly(
  places: Places,
  locations: readonly Location[],
  dryRun: boolean,
  options: OperationOptions,
): Promise<ReadonlyMap<Location, Promise<Descriptor | undefined>>> {
  const answers = new Map<Location, Promise<Descriptor | undefined>>()
  for (const location of locations) {
    if (location.kind !== 'registry' || location.reference.tag === undefined) continue
    const { target } = await places.openTarget(location, options)
    if (!dryRun) target.expectPushes?.()
    const answer = lookUp(target, location.reference.tag, options)
    answer.catch(() => undefined)
    answers.set(location, answer)
  }
  return answers
}

const tagsLookedUpAtOnce = 16

interface ChosenImage {
  readonly name: string
  readonly source: Source
  /** Undefined where it is looked up when it is copied; `source` then tells why it cannot be. */
  readonly root: Descriptor | undefined
  /** Set when tags are copied under their own names. */
  readonly as: readonly string[] | undefined
}

async function chooseImages(
  opened: OpenedSource,
  request: CopyRequest,
  options: OperationOptions,
): Promise<readonly ChosenImage[]> {
  if (request.tags === undefined) return [await chooseOne(opened, opened.name, undefined, request, options)]
  const { source } = opened
  if (source.tags === undefined) {
    throw new UnsupportedError(`Cannot copy the tags of ${source.display}: it has no list of tags`)
  }
  const names: string[] = []
  for await (const tag of source.tags(options)) if (request.tags(tag)) names.push(tag)
  if (names.length === 0) {
    throw new UsageError(`Cannot copy the tags of ${source.display}: there is none that matches`)
  }
  if (request.platforms === undefined && !request.to.some(holdsSingleImages)) {
    // Each is looked up when its turn comes: then it is known whether the target has it.
    return names.map((name) => ({ name, source, root: undefined, as: [name] }))
  }
  const lookUps = createLimiter(tagsLookedUpAtOnce)
  return Promise.all(
    names.map((name) =>
      lookUps.run(() => {
        const image = { name, source, root: undefined, as: [name] }
        return unlessFailing(image, () => chooseOne(opened, name, [name], request, options), options)
      }),
    ),
  )
}

/** Of several tags, one that cannot be chosen fails by itself when it is copied, and the others are copied. */
async function unlessFailing(
  image: ChosenImage,
  choose: () => Promise<ChosenImage>,
  { signal }: OperationOptions,
): Promise<ChosenImage> {
  try {
    return await choose()
  } catch (error) {
    signal?.throwIfAborted()
    if (image.as === undefined) throw error
    const fail = async (): Promise<never> => {
      throw error
    }
    const source = { display: image.source.display, resolve: fail, fetch: fail }
    return { ...image, source, root: undefined }
  }
}

/** Looks one image up and narrows it to the platforms that are asked for. */
async function chooseOne(
  { source }: OpenedSource,
  name: string,
  as: readonly string[] | undefined,
  request: CopyRequest,
  options: OperationOptions,
): Promise<ChosenImage> {
  const root = await source.resolve(name, options)
  const { platforms } = request
  if (platforms === undefined) return { name, source, root, as }

  const found = await readManifest(source, root, options)
  if (found.manifest.kind === 'manifest') {
    const config = await readImageConfig(source, found.manifest, options)
    for (const platform of platforms)
      platformEntry([{ ...root, platform: config.platform }], platform, source.display)
    return { name, source, root, as }
  }
  if (request.stripPlatforms !== true) {
    // Says now, before anything is written, when there is no such platform.
    platformEntries(found.manifest, platforms, source.display)
    return { name, source, root, as }
  }
  const stripped = stripPlatforms(found, platforms, source.display)
  return { name, source: withManifest(source, stripped), root: stripped.descriptor, as }
}

/** The image for one platform, for places that hold no indexes. */
async function single(
  image: ChosenImage,
  request: CopyRequest,
  options: OperationOptions,
): Promise<ChosenImage> {
  const [platform = request.hostPlatform, ...others] = request.platforms ?? []
  if (others.length > 0 || image.root === undefined) return image
  const found = await findManifest(image.source, image.root.digest, options)
  if (found.manifest.kind === 'manifest') return image
  const picked = await pickImage(image.source, found, platform, options)
  return { ...image, root: picked.descriptor }
}

function holdsSingleImages(location: Location): boolean {
  return location.kind === 'docker-daemon' || location.kind === 'docker-archive'
}

/** The same source with a manifest that was made here. */
function withManifest(
  source: Source,
  made: { readonly descriptor: Descriptor; readonly bytes: Buffer },
): Source {
  return {
    display: source.display,
    origin: source,
    isRegistry: source.isRegistry,
    resolve: (name, options) => source.resolve(name, options),
    fetch: async (descriptor, options) => {
      if (descriptor.digest !== made.descriptor.digest) return source.fetch(descriptor, options)

      return bytesBody(made.bytes).open(options?.range?.start ?? 0)
    },
    ...(source.referrers === undefined
      ? {}
      : { referrers: (subject, options) => source.referrers?.(subject, options) ?? Promise.resolve([]) }),
    ...(source.tags === undefined ? {} : { tags: (options) => source.tags?.(options) ?? noTags() }),
  }
}

async function* noTags(): AsyncGenerator<string> {
  // A source without a list of tags.
}

/** Says what to do where a registry refuses an index of which it does not have every entry. */
function explainSparse(error: unknown): unknown {
  if (!(error instanceof SparseIndexRefusedError)) return error
  return new UnsupportedError(error.message, {
    hint: '--strip-platforms writes a new index with nothing but those platforms.',
    cause: error.cause,
  })
}

async function commitWhole(
  targets: readonly OpenedTarget[],
  results: CopyReport['results'],
  options: OperationOptions,
): Promise<void> {
  for (const target of targets) {
    const isWhole = results.every((result) => result.ok || result.job.target !== target.target)
    if (isWhole) await target.commit(options)
  }
}
