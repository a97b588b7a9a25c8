import type { Evidence } from './evidence/evidence.ts'
import { checkPredicateType } from './policy/check-predicate-type.ts'
import type { ClaimFailure } from './policy/claim-failure.ts'
import { checkGithub, type GithubCriteria } from './policy/github-criteria.ts'
import {
  proveEvidence,
  type ProvedEvidence,
  type ProveEvidenceOptions,
  type RejectedEvidence,
} from './prove-evidence.ts'
import type { TrustMaterial } from './trust/trust-material.ts'
import type { SignerPolicy, Verified } from './types.ts'

/** What is asked of an image's signatures; one that fulfils all of it is enough. */
export interface ImageCriteria {
  readonly signer: SignerPolicy
  /** What the signer's workflow has to be besides; default: nothing. */
  readonly github?: GithubCriteria | undefined
  /** The predicate type; default: any that says "I made this", and signatures that have none. */
  readonly predicateType?: string | undefined
}

/** The answer: yes where `satisfied` is set. Nothing to look at is a no. */
export interface EvidenceVerdict {
  readonly satisfied: ProvedEvidence | undefined
  /** What was looked at before, or in a no all of it, in the order that it was given. */
  readonly rejected: readonly RejectedEvidence[]
}

/**
 * Looks for evidence that fulfils the criteria, one after the other, and stops at the first. There is neither network nor clock in it.
 *
 * @throws {UsageError} for criteria that cannot be meant, as an unreadable key.
 */
export async function verifyEvidence(
  all: readonly Evidence[],
  criteria: ImageCriteria,
  trust: TrustMaterial,
  options: ProveEvidenceOptions = {},
): Promise<EvidenceVerdict> {
  const rejected: RejectedEvidence[] = []
  for (const evidence of all) {
    options.signal?.throwIfAborted()
    const proved = await proveEvidence(evidence, criteria.signer, trust, options)
    if (!('verified' in proved)) {
      rejected.push(proved)
      continue
    }
    const failure = checkClaims(proved.verified, criteria)
    if (failure === undefined) return { satisfied: proved, rejected }
    rejected.push({ evidence, failure })
  }
  return { satisfied: undefined, rejected }
}

function checkClaims(verified: Verified, { github, predicateType }: ImageCriteria): ClaimFailure | undefined {
  return (
    checkPredicateType(verified, predicateType) ??
    (github === undefined ? undefined : checkGithub(verified.signer, github))
  )
}
