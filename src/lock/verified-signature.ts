import type { ProvedEvidence } from '../signing/index.ts'
import type { LockedEvidence, RememberedSigner } from './lock.ts'
import { type Proof, proofDigest, proofOf } from './proof-store.ts'
import { rememberedSigner } from './remembered-signer.ts'

/** A signature that verified, as the lock tells of it. */
export interface VerifiedSignature {
  readonly signer: RememberedSigner
  readonly evidence: LockedEvidence
  /** What is kept of it, where bundles are. */
  readonly proof?: Proof | undefined
  /** When it was made, as a log or a time-stamping authority proves; not in the lock. */
  readonly signedAt?: Date | undefined
}

/** What the lock tells of a signature that verified. */
export function verifiedSignature({ evidence, subject, verified }: ProvedEvidence): VerifiedSignature {
  const { signer, statement, logEntries, times } = verified
  const claims = signer.kind === 'certificate' ? signer.claims : undefined
  const [entry] = logEntries
  const proof = proofOf(evidence.content)
  return {
    signer: rememberedSigner(signer),
    signedAt: times[0]?.at,
    proof,
    evidence: {
      subject,
      ...given('predicateType', statement?.predicateType),
      ...given('sourceRef', claims?.sourceRepositoryRef ?? claims?.githubWorkflowRef),
      ...given('sourceCommit', claims?.sourceRepositoryDigest ?? claims?.githubWorkflowSha),
      ...given('logEntry', entry === undefined ? undefined : `${entry.log} ${entry.index}`),
      bundle: proofDigest(proof ?? { bundle: 'null' }),
    },
  }
}

function given<Name extends string>(
  name: Name,
  value: string | undefined,
): Partial<Readonly<Record<Name, string>>> {
  // Empty texts say nothing either.
  if (value === undefined || value === '') return {}
  const one: Partial<Record<Name, string>> = {}
  one[name] = value
  return one
}
