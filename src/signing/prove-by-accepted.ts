import { NotVerifiedError } from './errors.ts'
import type { Evidence } from './evidence/evidence.ts'
import type { ClaimFailure } from './policy/claim-failure.ts'
import { checkGithub } from './policy/github-criteria.ts'
import type { AcceptedSigner } from './policy/trust-rules.ts'
import {
  proveEvidence,
  type ProvedEvidence,
  type ProveEvidenceOptions,
  type RejectedEvidence,
} from './prove-evidence.ts'
import type { TrustMaterial } from './trust/trust-material.ts'
import type { Signer, SignerPolicy } from './types.ts'
import { checkSigner } from './verify/check-signer.ts'

/** Evidence that was verified, and those of the accepted signers that made it: at least one. */
export interface AcceptedEvidence {
  readonly proved: ProvedEvidence
  readonly signers: readonly AcceptedSigner[]
}

/**
 * Verifies one piece of evidence and says which of the accepted signers made it. What has a certificate is verified once, however many
 * identities are accepted.
 *
 * @throws {UsageError} for a key that cannot be read.
 */
export async function proveByAccepted(
  evidence: Evidence,
  accepted: readonly AcceptedSigner[],
  trust: TrustMaterial,
  options: ProveEvidenceOptions,
): Promise<AcceptedEvidence | RejectedEvidence> {
  const failures: ClaimFailure[] = []
  for (const { policy, signers } of attemptsAt(accepted)) {
    const proved = await proveEvidence(evidence, policy, trust, options)
    if (!('verified' in proved)) {
      failures.push(proved.failure)
      continue
    }
    const { signer } = proved.verified
    const checked = signers.map((one) => ({ one, failure: checkAccepted(signer, one) }))
    const made = checked.filter(({ failure }) => failure === undefined).map(({ one }) => one)
    if (made.length > 0) return { proved, signers: made }
    failures.push(strangerFailure(signer, checked))
  }
  return { evidence, failure: mostTelling(failures) }
}

interface Attempt {
  readonly policy: SignerPolicy
  readonly signers: readonly AcceptedSigner[]
}

/** One for all identities, which are held against the verified certificate, and one for each key. */
function attemptsAt(accepted: readonly AcceptedSigner[]): readonly Attempt[] {
  const named = accepted.filter(({ policy }) => policy.kind === 'identity')
  const keyed = accepted.filter(({ policy }) => policy.kind === 'key')
  return [
    ...(named.length === 0 ? [] : [{ policy: { kind: 'unsafeAnyIdentity' }, signers: named } as const]),
    ...keyed.map((signer) => ({ policy: signer.policy, signers: [signer] })),
  ]
}

/** A key was held against the signature already. */
function checkAccepted(signer: Signer, { github, policy }: AcceptedSigner): ClaimFailure | undefined {
  try {
    checkSigner(signer, policy)
  } catch (error) {
    if (error instanceof NotVerifiedError) return error.failure
    throw error
  }
  return github === undefined ? undefined : checkGithub(signer, github)
}

function strangerFailure(
  signer: Signer,
  checked: readonly { readonly one: AcceptedSigner; readonly failure: ClaimFailure | undefined }[],
): ClaimFailure {
  const [first, ...others] = checked
  if (first?.failure !== undefined && others.length === 0) return first.failure
  const who = signer.kind === 'key' ? `the key ${signer.keyDigest}` : signer.identity
  return {
    check: 'signer',
    message: `the signer is ${who}, asked for is one of ${checked.map(({ one }) => one.name).join(', ')}`,
  }
}

/** That a certificate is no key says less than what was wrong with the certificate. */
function mostTelling(failures: readonly ClaimFailure[]): ClaimFailure {
  const nobody: ClaimFailure = { check: 'signer', message: 'nobody is accepted' }
  return failures.find(({ check }) => check !== 'key') ?? failures[0] ?? nobody
}
