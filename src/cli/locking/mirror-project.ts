import { copyImages, type CopyJob, type CopyReport } from '../../content/index.ts'
import { LadingError, UsageError } from '../../errors/index.ts'
import { parseLocation } from '../../images/index.ts'
import { type Lock, mirrorReference } from '../../lock/index.ts'
import { parseReference, type Reference } from '../../oci/index.ts'
import type { RegistryClient } from '../../registry/index.ts'
import type { CliContext } from '../context.ts'
import { errorJson } from '../error-json.ts'
import type { OutputFlags } from '../output-flags.ts'
import type { PlaceFlags } from '../place-flags.ts'
import { count } from '../render/count.ts'
import { formatBytes } from '../render/format-bytes.ts'
import { imageText } from '../render/image-text.ts'
import { withPlaces } from '../with-places.ts'
import { readLockFile, shownPath } from './lock-file.ts'
import { openProject } from './open-project.ts'
import type { ProjectFlags } from './project-flags.ts'

/** Flags of `mirror`. */
export type MirrorFlags = OutputFlags &
  PlaceFlags &
  ProjectFlags & {
    readonly to?: string | undefined
    readonly dryRun?: boolean | undefined
    readonly json?: boolean | undefined
  }

/** Copies what a project's lock holds to a mirror, by digest, with what is attached to it. */
export async function mirrorProject(context: CliContext, flags: MirrorFlags): Promise<void> {
  const project = await openProject(context, flags)
  const mirror = flags.to ?? project.settings.mirror
  if (mirror === undefined)
    throw new UsageError('Cannot mirror: nothing says where to', {
      hint: '--to registry.example/prefix, or lock.mirror in lading.yaml',
    })
  const file = await readLockFile(context, project)
  if (file === undefined)
    throw new LadingError(
      'NO_LOCK',
      `Cannot mirror ${shownPath(context, project.root)}: it has no lading.lock`,
      {
        hint: 'lading lock',
      },
    )
  const images = imagesOf(file.read.lock, mirror)
  const named = images.flatMap(({ from, to }) => [from, to])
  const locations = named.map(({ canonical }) => parseLocation(canonical))
  await withPlaces(context, flags, locations, async ({ config, places, progress }) => {
    const report = await copyImages(jobsOf(images, places.registry), {
      blobsAtOnce: config.defaults?.blobsAtOnce ?? 6,
      dryRun: flags.dryRun ?? false,
      signal: context.signal,
      onEvent: (event) => {
        if (flags.dryRun !== true) progress.onCopy(event)
      },
    })
    progress.stop()
    show(context, flags, images, report)
  })
}

interface MirroredImage {
  /** Its key in the lock. */
  readonly key: string
  readonly from: Reference
  readonly to: Reference
  readonly root: NonNullable<CopyJob['root']>
}

function imagesOf({ images }: Lock, mirror: string): readonly MirroredImage[] {
  return Object.entries(images).map(([key, { digest, mediaType, size }]) => {
    const from = parseReference(key)
    return { key, from, to: mirrorReference(mirror, from), root: { digest, mediaType, size } }
  })
}

/** By digest: where the tag is by now does not matter. At the mirror it has its tag, so that it is not collected. */
function jobsOf(images: readonly MirroredImage[], registry: RegistryClient): readonly CopyJob[] {
  return images.map(({ from, root, to }) => ({
    source: registry.repository(from),
    name: root.digest,
    root,
    target: registry.repository(to),
    as: to.tag === undefined ? [] : [to.tag],
  }))
}

function show(
  { output }: CliContext,
  { dryRun = false, json }: MirrorFlags,
  images: readonly MirroredImage[],
  { counts, results }: CopyReport,
): void {
  const done = images.map((image, index) => ({ ...image, result: results[index] }))
  if (json === true)
    output.json({
      dryRun,
      images: done.map(({ key, result, root, to }) => ({
        image: key,
        mirror: to.canonical,
        digest: root.digest,
        ...(result?.ok === false ? { error: errorJson(result.error) } : {}),
      })),
      counts,
    })
  else {
    for (const { key, result, to } of done)
      if (result?.ok === true) output.line(`${imageText(key)}  ${imageText(to.canonical)}`)
    const copied = `${count(counts.manifests.copied, 'manifest')} and ${count(counts.blobs.copied, 'blob')}`
    output.note(`${copied} ${dryRun ? 'would be copied' : 'copied'} (${formatBytes(counts.bytes)})`)
  }
  for (const { result } of done) if (result?.ok === false) output.fail(result.error)
}
