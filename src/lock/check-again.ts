import { isDeepStrictEqual } from 'node:util'
import { lookUp, NotFoundError } from '../content/index.ts'
import type { Reference } from '../oci/index.ts'
import type { ImageUse } from './collect-uses.ts'
import { noCache } from './content-cache.ts'
import type { Finding } from './finding.ts'
import { lockImages, type LockRequest } from './lock-images.ts'
import type { LockResult } from './lock-result.ts'
import type { ReadLock } from './parse-lock.ts'
import { mirroredReference } from './mirror/mirrored-reference.ts'
import type { Mirror } from './mirror/parse-mirror.ts'
import { stopMessage } from './stop-message.ts'

/** What a lock is held against registries with. */
export type CheckAgainRequest = Omit<
  LockRequest,
  'before' | 'isRefreshed' | 'examined' | 'acceptSigners' | 'platforms'
> & {
  /** The lock; images that it has not are left out. */
  readonly lock: ReadLock
  /** Where what is gone may be still. */
  readonly mirror?: Mirror | undefined
}

/** What was found, and of which images it could not be told. */
export interface CheckAnswer {
  readonly findings: readonly Finding[]
  readonly failures: LockResult['failures']
}

/**
 * Looks all tags of a lock up again: whether they have moved, whether the locked digests are there still, and whether whoever signs what
 * they point to now is trusted.
 *
 * @throws the reason of `signal`.
 */
export async function checkOnline(request: CheckAgainRequest): Promise<CheckAnswer> {
  const uses = lockedUses(request)
  const result = await lockImages({
    ...request,
    uses,
    before: request.lock,
    cache: noCache,
    isRefreshed: () => true,
    examined: 'all',
  })
  const missing = result.failures.filter(({ error }) => error instanceof NotFoundError)
  const old = await Promise.all([
    ...result.images
      .filter(({ change }) => change === 'moved')
      .map(({ image, use }) => oldDigest(use, `it points to ${image.digest} now`, request)),
    ...uses
      .filter(({ key }) => missing.some(({ image }) => image === key))
      .map((use) => oldDigest(use, 'that name is no more', request)),
  ])
  return {
    findings: [...stopFindings(result), ...old.flatMap(({ findings }) => findings)],
    failures: [
      ...result.failures.filter(({ error }) => !(error instanceof NotFoundError)),
      ...old.flatMap(({ failures }) => failures),
    ],
  }
}

/**
 * Decides about the signatures of all images of a lock again, by their bundles and not by what the lock says of them, and holds what the
 * lock says of their content against it. What an image's own
 * registry has no more may be at the mirror: a bundle proves the same wherever it is kept.
 *
 * @throws the reason of `signal`.
 */
export async function verifyLock(request: CheckAgainRequest): Promise<CheckAnswer> {
  const { lock, mirror } = request
  const again = { ...request, before: lock, examined: 'all' } as const
  const result = await lockImages({ ...again, uses: lockedUses(request) })
  const lost = lockedUses(request).filter(({ key }) => isLost(key, result))
  if (mirror === undefined || lost.length === 0)
    return {
      findings: [...stopFindings(result), ...contentFindings(result, lock)],
      failures: result.failures,
    }
  const open: LockRequest['open'] = (reference) => request.open(mirroredReference(mirror, reference))
  const { images } = await lockImages({ ...again, uses: lost, open })
  const found = new Set(images.map(({ use }) => use.key))
  return {
    findings: [
      ...stopFindings({ stops: result.stops.filter(({ image }) => !found.has(image)) }),
      ...contentFindings({ images: [...result.images, ...images] }, lock),
    ],
    failures: result.failures.filter(({ image }) => !found.has(image)),
  }
}

/** What of an image follows from its digest, and whoever edits a lock may have changed. */
function contentFindings({ images }: Pick<LockResult, 'images'>, { lock }: ReadLock): readonly Finding[] {
  return images.flatMap(({ image: { digest, mediaType, platforms, size }, use: { key } }) => {
    const locked = lock.images[key]
    const isSame =
      locked === undefined ||
      locked.digest !== digest ||
      (locked.mediaType === mediaType &&
        locked.size === size &&
        isDeepStrictEqual({ ...locked.platforms }, { ...platforms }))
    if (isSame) return []
    const message = `the lock tells of another media type, size or other platforms than ${digest} has`
    return [
      {
        rule: 'content-differs',
        level: 'error',
        image: key,
        message,
        hint: 'Take the last good lock from version control.',
      } as const,
    ]
  })
}

function isLost(key: string, { failures, stops }: LockResult): boolean {
  return (
    stops.some(({ image }) => image === key) ||
    failures.some(({ error, image }) => image === key && error instanceof NotFoundError)
  )
}

function lockedUses({ lock: { lock }, uses }: CheckAgainRequest): readonly ImageUse[] {
  return uses.filter(({ key }) => lock.images[key] !== undefined)
}

function stopFindings({ stops }: Pick<LockResult, 'stops'>): readonly Finding[] {
  return stops.map(({ image, stop }) => ({
    rule: 'not-trusted',
    level: 'error',
    image,
    message: `${image} ${stopMessage(stop)}`,
  }))
}

/** Of a tag that points elsewhere, or nowhere: whether what it pointed to is there still, or at the mirror. */
async function oldDigest(
  { key, reference }: ImageUse,
  why: string,
  { lock: { lock }, mirror, open, signal }: CheckAgainRequest,
): Promise<CheckAnswer> {
  const digest = lock.images[key]?.digest
  if (digest === undefined) return { findings: [], failures: [] }
  const isAt = async (place: Reference): Promise<boolean> =>
    (await lookUp(open(place), digest, { signal })) !== undefined
  const was = `${key} was ${digest} when it was locked`
  const gone = `${was}, which the registry does not have any more; ${why}`
  const finding = async (): Promise<Omit<Finding, 'image'>> => {
    if (await isAt(reference)) return { rule: 'moved', level: 'warning', message: `${was}; ${why}` }
    if (mirror !== undefined && (await isAt(mirroredReference(mirror, reference))))
      return { rule: 'only-in-mirror', level: 'note', message: `${gone}; ${mirror.name} has it` }
    const hint = 'Take another version; lading mirror keeps what is locked.'
    return { rule: 'digest-gone', level: 'error', message: gone, hint }
  }
  try {
    return { findings: [{ ...(await finding()), image: key }], failures: [] }
  } catch (error) {
    signal?.throwIfAborted()
    return { findings: [], failures: [{ image: key, error }] }
  }
}
