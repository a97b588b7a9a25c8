import {
  copyImages,
  bytesBody,
  type CopyJob,
  type CopyOptions,
  type CopyReport,
  lookUp,
  type OperationOptions,
  type Source,
  UnsupportedError,
} from '../content/index.ts'
import { LadingError, UsageError } from '../errors/index.ts'
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
  const early = request.tags === undefined ? await lookUpEarly(places, request.to, { signal }) : undefined
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
        ? await single(image, request, { signal })
        : image
      jobs.push({
        source,
        name: image.name,
        root,
        target: target.target,
        as: image.as ?? target.namesFor(root),
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
    result.ok || !isSparse
      ? result
      : { ...result, error: explainSparse(result.error, result.job.target.display) },
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
  options: OperationOptions,
): Promise<ReadonlyMap<Location, Promise<Descriptor | undefined>>> {
  const answers = new Map<Location, Promise<Descriptor | undefined>>()
  for (const location of locations) {
    if (location.kind !== 'registry' || location.reference.tag === undefined) continue
    const { target } = await places.openTarget(location, options)
    const answer = lookUp(target, location.reference.tag, options)
    answer.catch(() => undefined)
    answers.set(location, answer)
  }
  return answers
}

interface ChosenImage {
  readonly name: string
  readonly source: Source
  readonly root: Descriptor
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
  return Promise.all(names.map(async (name) => chooseOne(opened, name, [name], request, options)))
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
  if (others.length > 0) return image
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

/** Registries may refuse an index of which they do not have every entry; say what to do then. */
function explainSparse(error: unknown, target: string): unknown {
  const code: unknown = error instanceof LadingError ? error.code : undefined
  if (code !== 'NOT_FOUND' && code !== 'UNAVAILABLE' && code !== 'UNSUPPORTED') return error
  const reason = error instanceof Error ? error.message : String(error)
  return new UnsupportedError(`Cannot copy some platforms of an index to ${target}: ${reason}`, {
    hint: '--strip-platforms writes a new index with nothing but those platforms.',
    cause: error,
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
