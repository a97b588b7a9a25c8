import {
  copyImages,
  type CopyCounts,
  type CopyEvent,
  createLimiter,
  lookUp,
  type OperationOptions,
} from '../../content/index.ts'
import type { MirroredImage } from '../../lock/index.ts'
import type { Reference } from '../../oci/index.ts'
import type { Repository } from '../../registry/index.ts'
import { storeBundle } from '../../signing/index.ts'

/** With what images are copied to a mirror. */
export interface CopyToMirrorOptions extends OperationOptions {
  /** Opens a repository; nothing is asked yet. */
  readonly open: (reference: Reference) => Repository
  /** Bundles of an image that its registry does not have; they become referrers. */
  readonly bundles: (image: MirroredImage) => Promise<readonly unknown[]>
  /** Blobs under way at a time. */
  readonly blobsAtOnce: number
  /** Write nothing; events say what would be done. */
  readonly dryRun: boolean
  readonly onEvent: (event: CopyEvent) => void
}

/** What came of a mirror. */
export interface MirrorReport {
  /** In the order of the images; without those that are taken from the mirror anyway. */
  readonly results: readonly MirrorResult[]
  readonly counts: CopyCounts
}

/** The end of one image. */
export type MirrorResult = { readonly image: MirroredImage } & (
  | { readonly ok: true; readonly attachments: number }
  | { readonly ok: false; readonly error: unknown }
)

const imagesAtOnce = 8

/**
 * Copies images to a mirror by their digests, with what is attached to them, eight at a time. An image gets its tag when all of it is
 * there, signatures included: who is killed leaves nothing that could be pulled by tag and does not verify. What is there is not sent
 * again, and one image that fails does not stop the others.
 *
 * @throws the reason of `signal`.
 */
export async function copyToMirror(
  images: readonly MirroredImage[],
  options: CopyToMirrorOptions,
): Promise<MirrorReport> {
  const { blobsAtOnce, dryRun, onEvent, open, signal } = options
  const copied = images.filter(({ isThere }) => !isThere)
  const repositories = new Map<string, Repository>()
  const repository = (reference: Reference): Repository => {
    const opened = repositories.get(reference.name) ?? open(reference)
    repositories.set(reference.name, opened)
    return opened
  }
  const { counts, results } = await copyImages(
    copied.map(({ from, root, to }) => ({
      source: repository(from),
      name: root.digest,
      root,
      target: repository(to),
      as: [],
    })),
    { imagesAtOnce, blobsAtOnce, dryRun, signal, onEvent },
  )
  const limiter = createLimiter(imagesAtOnce)
  const tagged = copied.map((image, index) =>
    limiter.run(async (): Promise<MirrorResult> => {
      const result = results[index]
      if (result?.ok !== true) return { image, ok: false, error: result?.error }
      try {
        const target = repository(image.to)
        const stored = await storeBundles(image, target, options)
        await tag(image, target, options)
        return { image, ok: true, attachments: result.attachments + stored }
      } catch (error) {
        signal?.throwIfAborted()
        return { image, ok: false, error }
      }
    }),
  )
  return { results: await Promise.all(tagged), counts }
}

/** A bundle gets the same manifest each time, so that it is stored once. @returns how many there are. */
async function storeBundles(
  image: MirroredImage,
  target: Repository,
  { bundles, dryRun, signal }: CopyToMirrorOptions,
): Promise<number> {
  if (dryRun) return 0
  signal?.throwIfAborted()
  const kept = await bundles(image)
  for (const bundle of kept)
    await storeBundle(target, image.root, bundle, { created: image.resolvedAt, signal })
  return kept.length
}

async function tag(
  { root, tag: name }: MirroredImage,
  target: Repository,
  { dryRun, onEvent, signal }: Pick<CopyToMirrorOptions, 'dryRun' | 'onEvent' | 'signal'>,
): Promise<void> {
  signal?.throwIfAborted()
  const there = await lookUp(target, name, { signal })
  if (there?.digest === root.digest) return
  if (!dryRun) await target.tag(root, name, { signal })
  onEvent({ type: 'tagged', descriptor: root, name })
}
