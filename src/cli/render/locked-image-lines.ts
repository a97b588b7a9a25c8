import { type RememberedSigner, signerName } from '../../lock/index.ts'
import type { LockedImageAnswer } from '../locking/lock-answer.ts'
import { count } from './count.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/** What is known of an image's signatures, and what let it in. */
export function signaturesText({ acceptedBy, searched, signatures }: LockedImageAnswer): string {
  const by = acceptanceText(acceptedBy)
  switch (signatures) {
    case 'verified':
      return `verified, ${by}`
    case 'none-found':
      return `no signature (looked at ${searched.join(' and ')}), ${by}`
    case 'not-asked':
      return `signature not asked for, ${by}`
    default:
      return signatures satisfies never
  }
}

/** What somebody should know of an image though it was let in. */
export function imageNotes(
  { lostPlatforms, otherWorkflow, rejected, signatures }: LockedImageAnswer,
  style: Style,
): string[] {
  const lines: string[] = []
  if (lostPlatforms.length > 0)
    lines.push(`    ${style.yellow('no longer for')} ${safeText(lostPlatforms.join(', '))}`)
  if (otherWorkflow !== null)
    lines.push(
      `    ${style.yellow('another workflow signed:')} ${signerText(otherWorkflow.is)}, before ${signerText(otherWorkflow.was)}`,
    )
  if (rejected > 0 && signatures === 'none-found')
    lines.push(`    ${style.yellow(`${count(rejected, 'signature')} there`)}, of which none verifies`)
  return lines
}

/** Enough of a digest to tell one from another. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12)
}

function acceptanceText(acceptedBy: string): string {
  if (acceptedBy === 'first-use') return 'taken on first use'
  if (acceptedBy === 'accept-signer') return 'accepted by --accept-signer'
  return `by the rule ${safeText(acceptedBy)}`
}

function signerText(signer: RememberedSigner): string {
  return safeText(signerName(signer))
}
