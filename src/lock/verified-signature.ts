import { digestOf } from '../oci/index.ts'
import type { ProvedEvidence } from '../signing/index.ts'
import type { LockedEvidence, RememberedSigner } from './lock.ts'
import { rememberedSigner } from './remembered-signer.ts'

/** A signature that verified, as the lock tells of it. */
export interface VerifiedSignature {
  readonly signer: RememberedSigner
  readonly evidence: LockedEvidence
  /** When it was made, as a log or a time-stamping authority proves; not in the lock. */
  readonly signedAt?: Date | undefined
}

/** What the lock tells of a signature that verified. */
export function verifiedSignature({ evidence, subject, verified }: ProvedEvidence): VerifiedSignature {
  const { signer, statement, logEntries, times } = verified
  const claims = signer.kind === 'certificate' ? signer.claims : undefined
  const [entry] = logEntries
  const { content } = evidence
  const bundle = content.kind === 'unreadable' ? undefined : content.bundle
  return {
    signer: rememberedSigner(signer),
    signedAt: times[0]?.at,
    evidence: {
      subject,
      ...given('predicateType', statement?.predicateType),
      ...given('sourceRef', claims?.sourceRepositoryRef ?? claims?.githubWorkflowRef),
      ...given('sourceCommit', claims?.sourceRepositoryDigest ?? claims?.githubWorkflowSha),
      ...given('logEntry', entry === undefined ? undefined : `${entry.log} ${entry.index}`),
      bundle: digestOf(Buffer.from(JSON.stringify(bundle ?? null))),
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
