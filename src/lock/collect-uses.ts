import { nameOnly, type Reference, withDefaultTag, withoutDigest } from '../oci/index.ts'
import type { Occurrence } from '../references/index.ts'
import type { Lock, LockedImage } from './lock.ts'

/** One image that a project uses, wherever it does. */
export interface ImageUse {
  /** Its key in the lock. */
  readonly key: string
  /** With a tag, a digest, or both. */
  readonly reference: Reference
  /** At least one. */
  readonly occurrences: readonly Occurrence[]
}

/** What the places of a project that name images come to. */
export interface ProjectUses {
  /** Sorted by key. */
  readonly images: readonly ImageUse[]
  /** What names no image that could be locked: `unresolved` and `unlockable`. */
  readonly others: readonly Occurrence[]
}

/**
 * Sorts places by the image that they name. A reference with tag and digest is the locked tag where the lock has that digest for it, so
 * that what `pin` wrote into the sources is what was locked before; else an image of its own.
 */
export function collectUses(occurrences: readonly Occurrence[], lock: Lock | undefined): ProjectUses {
  const images = new Map<string, { readonly reference: Reference; readonly occurrences: Occurrence[] }>()
  const others: Occurrence[] = []
  for (const occurrence of occurrences) {
    if (occurrence.target.kind !== 'image') {
      others.push(occurrence)
      continue
    }
    const { key, reference } = named(occurrence.target.reference, lock)
    const use = images.get(key) ?? { reference, occurrences: [] }
    use.occurrences.push(occurrence)
    images.set(key, use)
  }
  const sorted = [...images].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return { images: sorted.map(([key, use]) => ({ key, ...use })), others }
}

function named(
  written: Reference,
  lock: Lock | undefined,
): { readonly key: string; readonly reference: Reference } {
  const reference = withDefaultTag(written)
  const { digest, tag } = reference
  if (digest === undefined || tag === undefined) return { key: reference.canonical, reference }
  const byTag = withoutDigest(reference)
  return lock?.images[byTag.canonical]?.digest === digest
    ? { key: byTag.canonical, reference: byTag }
    : { key: reference.canonical, reference }
}

/** The repository of an image by its key in the lock. */
export function repositoryOf(reference: Reference): string {
  return nameOnly(reference).canonical
}

/**
 * What the lock had of an image: the entry of its key; else one of the same tag, with the same digest where there is one, since a digest
 * may have been added to the sources, changed, or taken out of them.
 */
export function lockedBefore(
  { key, reference }: Pick<ImageUse, 'key' | 'reference'>,
  lock: Lock | undefined,
): LockedImage | undefined {
  const exact = lock?.images[key]
  if (exact !== undefined || lock === undefined || reference.tag === undefined) return exact
  const tagged = withoutDigest(reference).canonical
  const sameTag = Object.entries(lock.images)
    .filter(([other]) => other === tagged || other.startsWith(`${tagged}@`))
    .map(([, image]) => image)
  return sameTag.find(({ digest }) => digest === reference.digest) ?? sameTag.find(isVerified) ?? sameTag[0]
}

function isVerified({ signatures }: LockedImage): boolean {
  return signatures.status === 'verified'
}

/**
 * Where an image is used, as the lock has it: `Dockerfile#FROM:builder`. A place that is told from others by its image is so without the
 * digest, which comes and goes as it is pinned.
 */
export function usedBy({ occurrences }: Pick<ImageUse, 'occurrences'>): readonly string[] {
  const places = occurrences.map(({ file, place }) => `${file}#${place.replace(digestAtEnd, '')}`)
  return [...new Set(places)].toSorted((one, other) => (one < other ? -1 : 1))
}

const digestAtEnd = /@sha(?:256|512):[0-9a-f]+$/

/** The lock with the places where its images are used now; what is in it stays in it. */
export function withUsedBy(lock: Lock, occurrences: readonly Occurrence[]): Lock {
  const places = new Map(collectUses(occurrences, lock).images.map((use) => [use.key, usedBy(use)]))
  const images = Object.entries(lock.images).map(
    ([key, image]) => [key, { ...image, usedBy: places.get(key) ?? image.usedBy }] as const,
  )
  return { ...lock, images: Object.fromEntries(images) }
}
