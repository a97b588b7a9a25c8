import {
  type Attachment,
  LimitExceededError,
  type OperationOptions,
  type Source,
} from '../../content/index.ts'
import type { Digest } from '../../oci/index.ts'
import type { Attached, SignerClaim } from './attached.ts'

/** Types of what may be signed: Sigstore bundles, cosign's older signatures, DSSE envelopes. */
const signedType = /sigstore|cosign|dsse/

/**
 * Who says to have signed an attachment, each once; empty where it is no signature, or more than is read at once. The code for
 * signatures loads when there is one.
 *
 * @throws when it cannot be had.
 */
export async function claimedSigners(
  source: Source,
  subject: Digest,
  attachment: Attachment,
  { type }: Pick<Attached, 'type'>,
  options: OperationOptions,
): Promise<readonly SignerClaim[]> {
  if (type === null || !signedType.test(type)) return []
  const { attachmentEvidence, claimOf, EvidenceBudget } = await import('../../signing/index.ts')
  try {
    const budget = new EvidenceBudget()
    const found = await attachmentEvidence(source, subject, attachment, { ...options, budget })
    const claims = found.flatMap(({ content }) => claimOf(content) ?? [])
    const signers = claims.map(({ signer }) => ({
      identity: signer?.identity ?? null,
      issuer: signer?.issuer ?? null,
    }))
    return [...new Map(signers.map((signer) => [JSON.stringify(signer), signer])).values()]
  } catch (error) {
    if (error instanceof LimitExceededError) return []
    throw error
  }
}
