import type { AcceptedBy, LockedImage, LockedSignatures, RememberedSigner, SearchedPlace } from './lock.ts'
import type { Proof } from './proof-store.ts'
import { compareSigners } from './remembered-signer.ts'
import type { VerifiedSignature } from './verified-signature.ts'

/** What was found out about the signatures of one image. */
export type SignatureFacts =
  /** No rule is for it: all its signatures that verify, whoever made them. */
  | {
      readonly kind: 'found'
      readonly searched: readonly SearchedPlace[]
      readonly verified: readonly VerifiedSignature[]
    }
  /** A rule is for it, and this fulfils the rule. */
  | {
      readonly kind: 'rule-fulfilled'
      readonly rule: string
      readonly searched: readonly SearchedPlace[]
      readonly by: readonly VerifiedSignature[]
    }
  /** A rule takes it unsigned. */
  | { readonly kind: 'rule-allows-unsigned'; readonly rule: string }
  /** A rule is for it and is not fulfilled; `reasons` are what is missing and why what there is does not do. */
  | { readonly kind: 'rule-refused'; readonly rule: string; readonly reasons: readonly string[] }
  /** No rule is for it, and the project wants one for every image. */
  | { readonly kind: 'rule-missing' }

/** What is remembered of an image and its repository. */
export interface SignatureMemory {
  /** The image as it was locked; undefined where it is new. */
  readonly before: LockedImage | undefined
  /** Who signed images of its repository so far; empty where nobody is known. */
  readonly signers: readonly RememberedSigner[]
  /** Whether somebody said that whoever signs now is accepted. */
  readonly isAcceptedByHand: boolean
}

/** What follows. */
export type SignatureDecision =
  | {
      readonly kind: 'accepted'
      readonly signatures: LockedSignatures
      /** Whom the signature is of, to be remembered. */
      readonly signers: readonly RememberedSigner[]
      /** Whom it was of, where only the workflow is another one. */
      readonly otherWorkflow?: { readonly was: RememberedSigner; readonly is: RememberedSigner } | undefined
      /** When the signature was made, as was proved. */
      readonly signedAt?: Date | undefined
      /** The signature itself. */
      readonly proof?: Proof | undefined
    }
  | { readonly kind: 'stopped'; readonly stop: SignatureStop }

/** Why an image is not let in. */
export type SignatureStop =
  | {
      readonly reason: 'signer-changed'
      readonly was: readonly RememberedSigner[]
      readonly is: readonly RememberedSigner[]
    }
  | { readonly reason: 'signature-gone'; readonly was: readonly RememberedSigner[] }
  | { readonly reason: 'rule-refused'; readonly rule: string; readonly reasons: readonly string[] }
  | { readonly reason: 'rule-missing' }

/**
 * Decides whether an image is let in by its signatures, and what is written down: by its rule where there is one, else by those who
 * signed images of its repository before. Whoever is found first is taken; later the issuer, the owner, or the source repository must
 * not change, and a signature must not be gone, until somebody says that it may. A ref, a commit or a workflow may change.
 */
export function decideSignatures(facts: SignatureFacts, memory: SignatureMemory): SignatureDecision {
  switch (facts.kind) {
    case 'rule-refused':
      return stopped({ reason: 'rule-refused', rule: facts.rule, reasons: facts.reasons })
    case 'rule-missing':
      return stopped({ reason: 'rule-missing' })
    case 'rule-allows-unsigned':
      return accepted({ status: 'not-asked', acceptedBy: { rule: facts.rule } }, [])
    case 'rule-fulfilled':
      return fulfilled(facts)
    case 'found':
      return facts.verified.length === 0 ? withoutSignature(facts, memory) : withSignatures(facts, memory)
    default:
      return facts satisfies never
  }
}

type FoundFacts = Extract<SignatureFacts, { readonly kind: 'found' }>

function fulfilled({
  by,
  rule,
  searched,
}: Extract<SignatureFacts, { readonly kind: 'rule-fulfilled' }>): SignatureDecision {
  const [first] = by
  if (first === undefined)
    return stopped({ reason: 'rule-refused', rule, reasons: ['nothing shows that it is fulfilled'] })
  const { evidence, proof, signedAt } = first
  return accepted(
    { status: 'verified', searched, acceptedBy: { rule }, evidence },
    by.map(({ signer }) => signer),
    { proof, signedAt },
  )
}

/** An image that never had a signature may go without, also where others of its repository have one. */
function withoutSignature({ searched }: FoundFacts, memory: SignatureMemory): SignatureDecision {
  const { before, isAcceptedByHand, signers } = memory
  const hadNone = before?.signatures.status === 'none-found'
  const isGone = before?.signatures.status === 'verified' || (!hadNone && signers.length > 0)
  if (isGone && !isAcceptedByHand) return stopped({ reason: 'signature-gone', was: signers })
  const acceptedBy = isGone ? 'accept-signer' : acceptedBefore(before)
  return accepted({ status: 'none-found', searched, acceptedBy }, [])
}

function withSignatures({ searched, verified }: FoundFacts, memory: SignatureMemory): SignatureDecision {
  const { before, isAcceptedByHand, signers } = memory
  const ranked = verified.toSorted(byUsefulness)
  const same = ranked.find(({ signer }) => isAmong(signer, signers, 'same'))
  const other = ranked.find(({ signer }) => isAmong(signer, signers, 'workflow'))
  const known = same ?? other
  if (known !== undefined) {
    const was = signers.find((one) => compareSigners(one, known.signer) === 'workflow')
    return accepted(signed(known, searched, acceptedBefore(before)), [known.signer], {
      proof: known.proof,
      signedAt: known.signedAt,
      otherWorkflow: same === undefined && was !== undefined ? { was, is: known.signer } : undefined,
    })
  }
  const all = ranked.map(({ signer }) => signer)
  const isFirst = signers.length === 0 && before?.signatures.status !== 'verified'
  const [best] = ranked
  if (best === undefined || (!isFirst && !isAcceptedByHand))
    return stopped({ reason: 'signer-changed', was: signers, is: all })
  return accepted(signed(best, searched, isFirst ? 'first-use' : 'accept-signer'), all, {
    proof: best.proof,
    signedAt: best.signedAt,
  })
}

function signed(
  { evidence }: VerifiedSignature,
  searched: readonly SearchedPlace[],
  acceptedBy: AcceptedBy,
): LockedSignatures {
  return { status: 'verified', searched, acceptedBy, evidence }
}

/** What accepted it before, unless that was a rule that is no more. */
function acceptedBefore(before: LockedImage | undefined): 'first-use' | 'accept-signer' {
  return before?.signatures.acceptedBy === 'accept-signer' ? 'accept-signer' : 'first-use'
}

function isAmong(
  signer: RememberedSigner,
  signers: readonly RememberedSigner[],
  how: 'same' | 'workflow',
): boolean {
  return signers.some((one) => compareSigners(one, signer) === how)
}

/** What says most about the source first, and always in the same order. */
function byUsefulness(one: VerifiedSignature, other: VerifiedSignature): number {
  return rank(other) - rank(one) || (one.evidence.bundle < other.evidence.bundle ? -1 : 1)
}

function rank({ evidence, signer }: VerifiedSignature): number {
  const hasSource = 'issuer' in signer && signer.sourceRepository !== undefined
  return (hasSource ? 2 : 0) + (evidence.sourceCommit === undefined ? 0 : 1)
}

function accepted(
  signatures: LockedSignatures,
  signers: readonly RememberedSigner[],
  more: Pick<
    Extract<SignatureDecision, { readonly kind: 'accepted' }>,
    'otherWorkflow' | 'proof' | 'signedAt'
  > = {},
): SignatureDecision {
  return { kind: 'accepted', signatures, signers, ...more }
}

function stopped(stop: SignatureStop): SignatureDecision {
  return { kind: 'stopped', stop }
}
