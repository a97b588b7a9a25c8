import { createLimiter, type OperationOptions, type Source } from '../content/index.ts'
import { type Platform, type Reference, withDigest } from '../oci/index.ts'
import { type Evidence, findRule } from '../signing/index.ts'
import { type ImageUse, lockedBefore, repositoryOf, usedBy } from './collect-uses.ts'
import type { ContentCache } from './content-cache.ts'
import { decideAll } from './decide-all.ts'
import { examineKept, examineSignatures, type SignatureOptions } from './examine-signatures.ts'
import type { LearntImage } from './learnt-image.ts'
import type { LockResult } from './lock-result.ts'
import type { Lock, LockedImage, SearchedPlace } from './lock.ts'
import type { ReadLock } from './parse-lock.ts'
import type { ProofStore } from './proof-store.ts'
import { haveWanted, wantedPlatforms } from './wanted-platforms.ts'
import { resolveImage } from './resolve-image.ts'

/** What {@link lockImages} works with. */
export interface LockRequest extends OperationOptions {
  readonly uses: readonly ImageUse[]
  /** The lock that there is. */
  readonly before: ReadLock | undefined
  /** The repository that an image is in; nothing is asked yet. */
  readonly open: (reference: Reference) => Source
  readonly cache: ContentCache
  readonly signatures: SignatureOptions
  /** Platforms whose digests are written down; default: all. */
  readonly platforms?: readonly Platform[] | undefined
  /** Repositories, `docker.io/library/python`, of which whoever signs now is accepted. */
  readonly acceptSigners?: ReadonlySet<string> | undefined
  /** Which tags are looked up though the lock has them; default: none. */
  readonly isRefreshed?: ((use: ImageUse) => boolean) | undefined
  /** Of which images signatures are looked for: `changed` and those under a rule, or `all`. Default `changed`. */
  readonly examined?: 'changed' | 'all' | undefined
  /** The lock whose signatures and signers images are held to; default: the lock that there is. */
  readonly remembered?: Lock | undefined
  /** Bundles that are kept with the lock: verified before anybody is asked, and looked for where one is missing. Default: none are. */
  readonly proofs?: ProofStore | undefined
  /** Images under way at a time; default 8. */
  readonly imagesAtOnce?: number | undefined
  /** When digests were resolved. */
  readonly now: Date
  readonly onEvent?: ((event: LockEvent) => void) | undefined
}

/** What happens meanwhile. */
export interface LockEvent {
  readonly type: 'looked-up'
  readonly image: string
  /** How many of `total` are done. */
  readonly done: number
  readonly total: number
}

/**
 * Makes the lock of a project: looks up what is new, keeps what is there, drops what is gone, and looks for signatures where an image is
 * new, has moved, or is under a rule. Writes nothing.
 *
 * An image that fails does not stop the others, so that all that is wrong is told at once.
 *
 * @throws the reason of `signal`.
 */
export async function lockImages(request: LockRequest): Promise<LockResult> {
  const { before, onEvent, signal, uses } = request
  const limiter = createLimiter(request.imagesAtOnce ?? 8)
  const failures: { readonly image: string; readonly error: unknown }[] = []
  let done = 0
  const learnt = await Promise.all(
    uses.map((use) =>
      limiter.run(async () => {
        signal?.throwIfAborted()
        try {
          return await learn(use, request)
        } catch (error) {
          signal?.throwIfAborted()
          failures.push({ image: use.key, error })
          return undefined
        } finally {
          done += 1
          onEvent?.({ type: 'looked-up', image: use.key, done, total: uses.length })
        }
      }),
    ),
  )
  const known = learnt.filter((one) => one !== undefined)
  const decided = decideAll(known, {
    lock: request.remembered ?? before?.lock,
    accepted: request.acceptSigners ?? new Set(),
  })
  const keys = new Set(uses.map(({ key }) => key))
  const dropped = Object.keys(before?.lock.images ?? {}).filter((key) => !keys.has(key))
  return {
    ...decided,
    dropped,
    failures: failures.toSorted((one, other) => (one.image < other.image ? -1 : 1)),
  }
}

async function learn(use: ImageUse, request: LockRequest): Promise<LearntImage> {
  const { before, open, signal } = request
  const locked = lockedBefore(use, before?.lock)
  const kept = isKept(use, locked, request) ? locked : undefined
  const proof = kept === undefined ? undefined : await keptProof(kept, request)
  const lacksProof =
    request.proofs !== undefined && kept?.signatures.status === 'verified' && proof === undefined
  if (kept !== undefined && !lacksProof && !isExamined(use, kept, request))
    return { use, before: locked, image: { ...kept, usedBy: usedBy(use) }, examination: undefined }

  const remembered = request.remembered ?? before?.lock
  const signers = remembered?.signers[repositoryOf(use.reference)] ?? []
  const options = { ...request.signatures, signal }
  if (kept !== undefined && proof !== undefined && haveWanted(kept.platforms, request.platforms)) {
    const image = { reference: use.reference, digest: kept.digest, signers }
    const examination = await examineKept(image, proof, options)
    if (examination !== undefined)
      return { use, before: locked, image: { ...kept, usedBy: usedBy(use) }, examination }
  }

  const source = open(use.reference)
  const { platforms, descriptor, bytes } = await resolveImage(source, pinned(use.reference, kept), {
    cache: request.cache,
    signal,
  })
  const { digest, mediaType, size } = descriptor
  const image = {
    digest,
    mediaType,
    size,
    resolvedAt: digest === locked?.digest ? locked.resolvedAt : instant(request.now),
    platforms: wantedPlatforms(platforms, request.platforms),
    usedBy: usedBy(use),
  }
  if (kept !== undefined && !lacksProof && !needsSignatures(use, kept, request))
    return { use, before: locked, image, examination: undefined }
  const examination = await examineSignatures(
    { reference: use.reference, source, digest, bytes, signers },
    options,
  )
  return { use, before: locked, image, examination }
}

/** The bundle that the lock tells of, where it is kept, and what was searched for it. */
async function keptProof(
  { digest, signatures }: LockedImage,
  { proofs }: LockRequest,
): Promise<
  { readonly evidence: readonly Evidence[]; readonly searched: readonly SearchedPlace[] } | undefined
> {
  if (proofs === undefined || signatures.status !== 'verified') return undefined
  const found = await proofs.find(signatures.evidence.bundle, digest)
  return found === undefined ? undefined : { evidence: [found], searched: signatures.searched }
}

/** Whether the digest that the lock has stays. */
function isKept(
  use: ImageUse,
  locked: LockedImage | undefined,
  { before, isRefreshed }: LockRequest,
): boolean {
  if (locked === undefined || before?.unsettled.has(use.key) === true) return false
  const { digest } = use.reference
  return digest === undefined ? isRefreshed?.(use) !== true : digest === locked.digest
}

/** Whether anything has to be asked about an image whose digest stays. */
function isExamined(use: ImageUse, kept: LockedImage, request: LockRequest): boolean {
  return needsSignatures(use, kept, request) || !haveWanted(kept.platforms, request.platforms)
}

/** An image with a rule has to fulfil it each time; one whose rule is gone is an image without one. */
function needsSignatures(
  { reference }: ImageUse,
  { signatures }: LockedImage,
  { acceptSigners, examined, signatures: { rules } }: LockRequest,
): boolean {
  if (examined === 'all' || acceptSigners?.has(repositoryOf(reference)) === true) return true
  const isRuled = findRule(rules, reference) !== undefined || rules.default === 'require'
  return isRuled || typeof signatures.acceptedBy !== 'string'
}

/** What is kept is read by its digest: its tag may be elsewhere by now. */
function pinned(reference: Reference, kept: LockedImage | undefined): Reference {
  return kept === undefined ? reference : withDigest(reference, kept.digest)
}

function instant(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
