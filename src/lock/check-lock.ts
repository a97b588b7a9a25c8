import { isDeepStrictEqual } from 'node:util'
import { formatPlatform, parsePlatform, parseReference, withDefaultTag, withoutDigest } from '../oci/index.ts'
import type { Occurrence } from '../references/index.ts'
import { collectUses, type ImageUse, repositoryOf, usedBy } from './collect-uses.ts'
import type { Finding } from './finding.ts'
import type { Lock, LockedImage } from './lock.ts'
import type { ReadLock } from './parse-lock.ts'

/** Holds the sources of a project against its lock. No network, no clock; in the order of the sources, then of the lock. */
export function checkLock(
  occurrences: readonly Occurrence[],
  { isConflicted, lock, unsettled }: ReadLock,
): readonly Finding[] {
  const { images, others } = collectUses(occurrences, lock)
  const keys = new Set(images.map(({ key }) => key))
  return [
    ...(isConflicted ? [conflicted] : []),
    ...images.flatMap((use) => useFindings(use, lock)),
    ...tagsWithTwoDigests(images),
    ...others.map(otherFinding),
    ...Object.entries(lock.images).flatMap(([key, image]) => [
      ...(keys.has(key) ? [] : [stale(key)]),
      ...(unsettled.has(key) ? [unsettledFinding(key)] : []),
      ...trustFindings(key, image, lock),
    ]),
  ]
}

const conflicted: Finding = {
  rule: 'unsettled',
  level: 'error',
  image: '',
  message: 'the lock has conflict markers of a merge',
  hint: 'lading lock',
}

function useFindings(use: ImageUse, lock: Lock): readonly Finding[] {
  const image = lock.images[use.key]
  if (image === undefined) return use.occurrences.map((one) => notInLock(one, use, lock))
  const places = usedBy(use)
  return [
    ...use.occurrences.flatMap((one) => missingPlatform(one, use, image)),
    ...(isDeepStrictEqual(places, image.usedBy.toSorted())
      ? []
      : [
          {
            rule: 'used-elsewhere',
            level: 'error',
            image: use.key,
            message: `the lock says that it is used in ${image.usedBy.join(', ') || 'no place'}; it is used in ${places.join(', ')}`,
            hint: 'lading lock',
          } as const,
        ]),
  ]
}

/** A tag that is locked with another digest is said to be that: it is what somebody who pinned by hand has to know. */
function notInLock(occurrence: Occurrence, { key, reference }: ImageUse, lock: Lock): Finding {
  const locked = lock.images[withoutDigest(withDefaultTag(reference)).canonical]
  if (reference.digest !== undefined && locked !== undefined)
    return {
      rule: 'digest-differs',
      level: 'error',
      image: key,
      message: `${occurrence.text} has the digest ${reference.digest}, the lock has ${locked.digest}`,
      at: placeOf(occurrence),
      hint: 'lading lock to take the digest of the sources, lading pin to take that of the lock',
    }
  return {
    rule: 'not-locked',
    level: 'error',
    image: key,
    message: `${occurrence.text} is not in the lock`,
    at: placeOf(occurrence),
    hint: 'lading lock',
  }
}

function missingPlatform(
  occurrence: Occurrence,
  { key }: ImageUse,
  { platforms }: LockedImage,
): readonly Finding[] {
  const wanted = platformText(occurrence.platform)
  const has = Object.keys(platforms)
  // Of what has no platforms at all nothing is known.
  if (wanted === undefined || has.length === 0 || platforms[wanted] !== undefined) return []
  return [
    {
      rule: 'platform-missing',
      level: 'error',
      image: key,
      message: `${occurrence.text} is wanted for ${wanted}, the lock has ${has.join(', ')}`,
      at: placeOf(occurrence),
      hint: 'Take an image that has it, or add it to lock.platforms of lading.yaml.',
    },
  ]
}

function platformText(platform: string | undefined): string | undefined {
  try {
    return platform === undefined ? undefined : formatPlatform(parsePlatform(platform))
  } catch {
    // Whoever builds with it says what is wrong with it.
    return undefined
  }
}

function tagsWithTwoDigests(images: readonly ImageUse[]): readonly Finding[] {
  const byTag = Map.groupBy(
    images.filter(({ reference }) => reference.tag !== undefined),
    ({ reference }) => withoutDigest(reference).canonical,
  )
  return [...byTag.values()]
    .filter((uses) => uses.length > 1)
    .flatMap((uses) =>
      uses.flatMap(({ key, occurrences }) =>
        occurrences.map((occurrence): Finding => ({
          rule: 'two-digests',
          level: 'warning',
          image: key,
          message: `${occurrence.text} is named in two ways: ${uses.map((use) => use.key).join(', ')}`,
          at: placeOf(occurrence),
          hint: 'lading unpin, then lading lock and lading pin, to have one digest for all',
        })),
      ),
    )
}

function otherFinding(occurrence: Occurrence): Finding {
  const { target, text } = occurrence
  const isUnresolved = target.kind === 'unresolved'
  const reason = target.kind === 'image' ? '' : target.reason
  return {
    rule: isUnresolved ? 'not-resolved' : 'not-lockable',
    level: 'note',
    image: text,
    message: `${text} ${isUnresolved ? 'is not resolved' : 'cannot be locked'}: ${reason}`,
    at: placeOf(occurrence),
  }
}

function stale(key: string): Finding {
  return {
    rule: 'stale',
    level: 'error',
    image: key,
    message: `${key} is in the lock, and nothing uses it`,
    hint: 'lading lock',
  }
}

function unsettledFinding(key: string): Finding {
  return {
    rule: 'unsettled',
    level: 'error',
    image: key,
    message: `a merge left two answers for ${key}`,
    hint: 'lading lock',
  }
}

/** What no `lading lock` writes, and somebody who edits a lock may. */
function trustFindings(key: string, image: LockedImage, lock: Lock): readonly Finding[] {
  const { signatures, digest } = image
  if (signatures.status !== 'verified') return []
  const repository = repositoryOf(parseReference(key))
  const findings: Finding[] = []
  if (signatures.evidence.subject !== digest)
    findings.push({
      rule: 'evidence-differs',
      level: 'error',
      image: key,
      message: `the signature that the lock tells of is of ${signatures.evidence.subject}, and ${key} is ${digest}`,
      hint: 'lading check --verify says who signed it',
    })
  if ((lock.signers[repository] ?? []).length === 0)
    findings.push({
      rule: 'signer-unknown',
      level: 'error',
      image: key,
      message: `${key} is verified, and the lock does not say who signs images of ${repository}`,
      hint: 'Take the last good lock from version control.',
    })
  return findings
}

function placeOf({ file, range, text }: Occurrence): Finding['at'] {
  return { file, line: range.line, column: range.column, length: text.length }
}
