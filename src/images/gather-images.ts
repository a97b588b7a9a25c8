import {
  copyImages,
  type CopyJob,
  type CopyOptions,
  type CopyReport,
  type OperationOptions,
  type Source,
} from '../content/index.ts'
import { UsageError } from '../errors/index.ts'
import type { Descriptor, Platform } from '../oci/index.ts'
import { chooseImage } from './choose-image.ts'
import type { Location } from './location.ts'
import { readManifest } from './pick-image.ts'
import type { OpenTargetOptions, Places } from './places.ts'
import { platformEntries } from './platform-entry.ts'

/** An image of any place on its way to where others go too. */
export interface GatheredImage {
  readonly source: Source
  /** Tag or digest at the source. */
  readonly name: string
  /** The names it gets; default: what the target's location says. */
  readonly as?: ((root: Descriptor) => readonly string[]) | undefined
}

/** Which images to gather where. */
export interface GatherRequest {
  readonly images: readonly GatheredImage[]
  readonly to: Location
  /** Only these platforms of an index, which keeps its bytes; of a single one the image alone. */
  readonly platforms?: readonly Platform[] | undefined
  /** Where `platforms` does not say: whether of an index all goes, or the image for `hostPlatform` alone. */
  readonly wholeIndexes: boolean
  /** Which image of an index Docker gets where there are several. */
  readonly hostPlatform: Platform
  /** How an archive is compressed; default: by its file's ending. */
  readonly compression?: OpenTargetOptions['compression']
}

/**
 * Copies images of several places to one place, as one archive where it is one: that appears only when all of them are
 * in it.
 *
 * @throws {PlatformNotFoundError} before anything is written; and what looking up an image throws.
 * @throws {UsageError} when two images would get one name.
 */
export async function gatherImages(
  places: Places,
  request: GatherRequest,
  options: Omit<CopyOptions, 'select'> = {},
): Promise<CopyReport> {
  const { signal } = options
  const { images, platforms, to, compression, hostPlatform } = request
  const roots = await Promise.all(images.map((image) => findRoot(image, request, { signal })))

  await using opened = await places.openTarget(to, { platform: hostPlatform, compression, signal })
  const jobs = images.map(({ source, name, as }, place): CopyJob => {
    const root = roots[place]
    if (root === undefined) throw new RangeError(`There is no image ${place}`)
    return { source, name, root, target: opened.target, as: as?.(root) ?? opened.namesFor(root) }
  })
  demandDistinctNames(jobs, to)

  const isSparse = platforms !== undefined && platforms.length > 1
  const report = await copyImages(jobs, {
    ...options,
    select: isSparse ? (index) => platformEntries(index, platforms, 'the index') : undefined,
  })
  if (report.results.every(({ ok }) => ok)) await opened.commit({ signal })
  return report
}

async function findRoot(
  { source, name }: GatheredImage,
  { platforms, wholeIndexes, hostPlatform }: GatherRequest,
  options: OperationOptions,
): Promise<Descriptor> {
  const root = await source.resolve(name, options)
  if (platforms === undefined && wholeIndexes) return root

  const [demanded, ...others] = platforms ?? []
  const platform = demanded ?? hostPlatform
  const found = await readManifest(source, root, options)
  if (others.length === 0 || found.manifest.kind === 'manifest') {
    const wanted = { platform, isDemanded: demanded !== undefined }
    return (await chooseImage(source, found, wanted, options)).descriptor
  }
  // Says now, before anything is written, when there is no such platform.
  platformEntries(found.manifest, [platform, ...others], source.display)
  return root
}

/** @throws {UsageError} */
function demandDistinctNames(jobs: readonly CopyJob[], to: Location): void {
  const digests = new Map<string, string | undefined>()
  for (const { as, root } of jobs) {
    for (const name of as) {
      if (digests.has(name) && digests.get(name) !== root?.digest) {
        throw new UsageError(
          `Cannot write to ${to.text}: two different images would be called ${name} there`,
          {
            hint: 'Write them one by one, each under a name of its own.',
          },
        )
      }
      digests.set(name, root?.digest)
    }
  }
}
