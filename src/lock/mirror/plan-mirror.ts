import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  nameOnly,
  parseReference,
  type Reference,
  withDigest,
  withoutDigest,
} from '../../oci/index.ts'
import type { Lock } from '../lock.ts'
import { mirroredReference } from './mirrored-reference.ts'
import type { Mirror } from './parse-mirror.ts'

/** One image of a lock and where it goes. */
export interface MirroredImage {
  /** Its key in the lock. */
  readonly key: string
  /** With its digest. */
  readonly from: Reference
  /** The repository at the mirror. */
  readonly to: Reference
  /** What the lock says that its digest is. */
  readonly root: Descriptor
  /** When it was locked with that digest. */
  readonly resolvedAt: Date
  /** The tag that it gets there: the lock's, or one made from the digest, since registries collect what has none. */
  readonly tag: string
  /** Whether the lock has it from the mirror, so that there is nothing to copy. */
  readonly isThere: boolean
}

/**
 * What goes into a mirror of a lock, in the lock's order. A tag of which the lock has several digests, as some sources pin it, points to
 * that of the tag alone; where there is none, it is not set.
 *
 * @throws {InvalidReferenceError} where a name becomes too long.
 */
export function planMirror({ images }: Lock, mirror: Mirror): readonly MirroredImage[] {
  const entries = Object.entries(images).map(([key, image]) => ({
    key,
    image,
    reference: parseReference(key),
  }))
  const tags = new Map<string, Set<Digest>>()
  for (const { image, reference } of entries) {
    const tag = withoutDigest(reference).canonical
    tags.set(tag, (tags.get(tag) ?? new Set()).add(image.digest))
  }
  return entries.map(({ image: { digest, mediaType, resolvedAt, size }, key, reference }) => {
    const tagged = withoutDigest(reference).canonical
    const isMeant =
      reference.digest === undefined || (images[tagged] === undefined && tags.get(tagged)?.size === 1)
    const to = nameOnly(mirroredReference(mirror, reference))
    return {
      key,
      from: withDigest(reference, digest),
      to,
      root: { mediaType, digest, size },
      resolvedAt: new Date(resolvedAt),
      tag: (isMeant ? reference.tag : undefined) ?? digestTag(digest),
      isThere: to.name === reference.name,
    }
  })
}

/** A tag has room for 128 characters, and a digest of SHA-512 has 128 digits. */
function digestTag(digest: Digest): string {
  return `lading-${digestAlgorithm(digest)}-${digestHex(digest).slice(0, 64)}`
}
