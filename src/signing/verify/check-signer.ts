import { notVerified } from '../errors.ts'
import type { Signer, SignerPolicy, TextCondition } from '../types.ts'
import { matchesText } from './matches-text.ts'

/**
 * Checks that who signed is who was asked for.
 *
 * @throws {NotVerifiedError} of the check `identity` or `issuer`.
 */
export function checkSigner(signer: Signer, policy: SignerPolicy): void {
  if (policy.kind !== 'identity') return
  // The orchestration refuses a key for a policy of an identity before anything is verified.
  if (signer.kind !== 'certificate')
    throw notVerified('identity', 'a key signed, and an identity is asked for')
  if (!matchesText(policy.identity, signer.identity))
    throw notVerified('identity', `${signer.identity} signed, and not ${wanted(policy.identity)}`)
  if (!matchesText(policy.issuer, signer.issuer))
    throw notVerified(
      'issuer',
      `${signer.issuer} vouched for ${signer.identity}, and not ${wanted(policy.issuer)}`,
    )
}

function wanted(condition: TextCondition): string {
  return 'exact' in condition ? condition.exact : `one that matches ${condition.pattern}`
}
