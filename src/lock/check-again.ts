import { lookUp, NotFoundError, type OperationOptions } from '../content/index.ts'
import type { Digest, Reference } from '../oci/index.ts'
import type { ImageUse } from './collect-uses.ts'
import { noCache } from './content-cache.ts'
import type { Finding } from './finding.ts'
import type { Lock } from './lock.ts'
import { lockImages, type LockRequest } from './lock-images.ts'
import type { LockResult } from './lock-result.ts'
import type { ReadLock } from './parse-lock.ts'
import { mirrorReference } from './mirror-name.ts'
import { stopMessage } from './stop-message.ts'

/** What a lock is held against registries with. */
export type CheckAgainRequest = Omit<
  LockRequest,
  'before' | 'isRefreshed' | 'examined' | 'acceptSigners' | 'platforms'
> & {
  /** The lock; images that it has not are left out. */
  readonly lock: ReadLock
  /** `REGISTRY[/PREFIX]` where what is gone may be still. */
  readonly mirror?: string | undefined
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
  const moved = result.images.filter(({ change }) => change === 'moved')
  const missing = result.failures.filter(({ error }) => error instanceof NotFoundError)
  const { lock } = request.lock
  return {
    findings: [
      ...stopFindings(result),
      ...(await Promise.all(
        moved.map(async ({ image, use }) =>
          locked(use, lock, (digest) => oldDigest(use, digest, `it points to ${image.digest} now`, request)),
        ),
      )),
      ...(await Promise.all(
        uses
          .filter(({ key }) => missing.some(({ image }) => image === key))
          .map(async (use) =>
            locked(use, lock, (digest) => oldDigest(use, digest, 'that name is no more', request)),
          ),
      )),
    ].flat(),
    failures: result.failures.filter(({ error }) => !(error instanceof NotFoundError)),
  }
}

/**
 * Decides about the signatures of all images of a lock again, by their bundles and not by what the lock says of them.
 *
 * @throws the reason of `signal`.
 */
export async function verifyLock(request: CheckAgainRequest): Promise<CheckAnswer> {
  const result = await lockImages({
    ...request,
    uses: lockedUses(request),
    before: request.lock,
    examined: 'all',
  })
  return { findings: stopFindings(result), failures: result.failures }
}

function lockedUses({ lock: { lock }, uses }: CheckAgainRequest): readonly ImageUse[] {
  return uses.filter(({ key }) => lock.images[key] !== undefined)
}

function stopFindings({ stops }: LockResult): readonly Finding[] {
  return stops.map(({ image, stop }) => ({
    rule: 'not-trusted',
    level: 'error',
    image,
    message: `${image} ${stopMessage(stop)}`,
  }))
}

async function locked(
  { key }: ImageUse,
  { images }: Lock,
  find: (digest: Digest) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const image = images[key]
  return image === undefined ? [] : find(image.digest)
}

/** Of a tag that points elsewhere, or nowhere: whether what it pointed to is there still, or at the mirror. */
async function oldDigest(
  { key, reference }: ImageUse,
  digest: Digest,
  why: string,
  { mirror, open, signal }: Pick<CheckAgainRequest, 'open' | 'mirror'> & OperationOptions,
): Promise<readonly Finding[]> {
  const was = `${key} was ${digest} when it was locked`
  const isThere = async (at: Reference): Promise<boolean> =>
    (await lookUp(open(at), digest, { signal })) !== undefined
  if (await isThere(reference))
    return [{ rule: 'moved', level: 'warning', image: key, message: `${was}; ${why}` }]
  const gone = `${was}, which the registry does not have any more; ${why}`
  return mirror !== undefined && (await isThere(mirrorReference(mirror, reference)))
    ? [{ rule: 'moved', level: 'warning', image: key, message: `${gone}; ${mirror} has it` }]
    : [
        {
          rule: 'digest-gone',
          level: 'error',
          image: key,
          message: gone,
          hint: 'Take another version; lading mirror keeps what is locked.',
        },
      ]
}
