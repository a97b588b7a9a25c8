import { isDeepStrictEqual } from 'node:util'
import { withoutDigest } from '../oci/index.ts'
import { type ImageUse, lockedBefore, repositoryOf } from './collect-uses.ts'
import { decideSignatures, type SignatureDecision } from './decide-signatures.ts'
import type { Lock, LockedImage, RememberedSigner } from './lock.ts'
import type { LearntImage } from './learnt-image.ts'
import type { LockedUse, LockResult } from './lock-result.ts'

/** What is decided by. */
interface Memory {
  readonly lock: Lock | undefined
  /** Repositories of which whoever signs now is accepted. */
  readonly accepted: ReadonlySet<string>
}

/**
 * Decides about all images, each by what the lock that there was remembers, so that their order says nothing: what one image shows of
 * its repository is remembered for the next time.
 */
export function decideAll(
  learnt: readonly LearntImage[],
  memory: Memory,
): Pick<LockResult, 'lock' | 'images' | 'stops'> {
  const images: LockedUse[] = []
  const stops: LockResult['stops'][number][] = []
  const signers = new SignerMemory(memory)
  for (const one of learnt) {
    const repository = repositoryOf(one.use.reference)
    const decision = decide(one, repository, memory)
    if (decision.kind === 'stopped') {
      stops.push({ image: one.use.key, stop: decision.stop })
      continue
    }
    signers.add(repository, decision)
    images.push(lockedUse(one, decision))
  }
  const folded = fold(images)
  const locked = Object.fromEntries(folded.map(({ image, use }) => [use.key, image]))
  return { lock: { images: locked, signers: signers.all() }, images: folded, stops }
}

function decide(
  { before, examination, use }: LearntImage,
  repository: string,
  { accepted, lock }: Memory,
): SignatureDecision {
  const signers = lock?.signers[repository] ?? []
  if (examination !== undefined)
    return decideSignatures(examination.facts, {
      before: lockedBefore(use, lock),
      signers,
      isAcceptedByHand: accepted.has(repository),
    })
  if (before === undefined) throw new Error(`nothing is known of the signatures of ${use.key}`)
  return { kind: 'accepted', signatures: before.signatures, signers: [] }
}

function lockedUse(
  { before, examination, image, use }: LearntImage,
  { otherWorkflow, proof, signatures, signedAt }: Extract<SignatureDecision, { readonly kind: 'accepted' }>,
): LockedUse {
  const moved = before === undefined ? 'added' : 'moved'
  return {
    use,
    before,
    image: { ...image, signatures },
    change: before?.digest === image.digest ? 'kept' : moved,
    rejected: examination?.rejected ?? 0,
    otherWorkflow,
    proof,
    signedAt,
  }
}

/** Who is known of each repository, before and after. */
class SignerMemory {
  readonly #memory: Memory
  readonly #known = new Map<string, readonly RememberedSigner[]>()
  readonly #seen = new Map<string, readonly RememberedSigner[]>()

  constructor(memory: Memory) {
    this.#memory = memory
  }

  add(
    repository: string,
    { signatures, signers }: Extract<SignatureDecision, { readonly kind: 'accepted' }>,
  ): void {
    const isNew = signatures.acceptedBy === 'accept-signer' && this.#memory.accepted.has(repository)
    const known = this.#known.get(repository) ?? this.#memory.lock?.signers[repository] ?? []
    // Whom somebody accepted takes the place of those that were known; all images of the repository were looked at for it.
    this.#known.set(repository, isNew && signers.length > 0 ? [] : known)
    this.#seen.set(repository, union(this.#seen.get(repository) ?? [], signers))
  }

  /** Of the repositories that are used still, those of which somebody is known. */
  all(): Lock['signers'] {
    const all = [...this.#known].map(
      ([repository, known]) => [repository, union(known, this.#seen.get(repository) ?? [])] as const,
    )
    return Object.fromEntries(all.filter(([, signers]) => signers.length > 0))
  }
}

function union(
  one: readonly RememberedSigner[],
  other: readonly RememberedSigner[],
): readonly RememberedSigner[] {
  return [...one, ...other].filter(
    (signer, index, all) => all.findIndex((known) => isDeepStrictEqual(known, signer)) === index,
  )
}

/** A tag, and the same tag with the digest that it has, are one image. */
function fold(images: readonly LockedUse[]): readonly LockedUse[] {
  const byKey = new Map<string, LockedUse>(images.map((one) => [one.use.key, one]))
  for (const pinned of images) {
    const { digest, tag } = pinned.use.reference
    if (digest === undefined || tag === undefined) continue
    const key = withoutDigest(pinned.use.reference).canonical
    const tagged = byKey.get(key)
    if (tagged === undefined || tagged.image.digest !== digest) continue
    byKey.delete(pinned.use.key)
    byKey.set(key, { ...tagged, use: together(tagged.use, pinned.use), image: usedByBoth(tagged, pinned) })
  }
  return [...byKey.values()].toSorted((one, other) => (one.use.key < other.use.key ? -1 : 1))
}

function together(one: ImageUse, other: ImageUse): ImageUse {
  return { ...one, occurrences: [...one.occurrences, ...other.occurrences] }
}

function usedByBoth({ image }: LockedUse, other: LockedUse): LockedImage {
  return { ...image, usedBy: [...new Set([...image.usedBy, ...other.image.usedBy])].toSorted() }
}
