import type { CliContext } from '../context.ts'
import { safeText } from '../render/safe-text.ts'
import { verificationLines } from '../render/verification-lines.ts'
import type { VerificationAnswer } from './verification-answer.ts'
import type { VerifyFlags } from './verify-flags.ts'

/**
 * Shows the answer of one image, and sets the exit code 1 where it is a no.
 *
 * @param isOne whether it is the only image: of several, whoever has all of them prints the one object
 */
export function showVerification(
  { output }: CliContext,
  flags: VerifyFlags,
  answer: VerificationAnswer,
  { isOne }: { readonly isOne: boolean },
): void {
  const isYes = answer.verified || answer.policy?.decision === 'unsigned-allowed'
  if (!isYes) output.exitWith(1)
  if (flags.json === true) {
    if (isOne) output.json(answer)
    return
  }
  if (flags.quiet === true && isYes) output.line(answer.name)
  const isSaid = flags.quiet === true && answer.verified
  const lines = isSaid ? [] : verificationLines(answer, { style: output.style, width: output.width })
  // Standard output has the one value that was asked for, or nothing.
  for (const line of lines)
    if (flags.quiet === true) output.note(line)
    else output.line(line)
  const advice = isYes ? undefined : adviceFor(answer)
  if (advice !== undefined) output.note(`${output.errorStyle.dim('  try:')} ${advice}`)
}

function adviceFor({ image, name, policy, rejected }: VerificationAnswer): string | undefined {
  if (policy?.decision === 'no-rule')
    return `${safeText(policy.file)}, trust.rules: ${ruleFor(name)}; who claims to have signed: lading referrers ${safeText(image)}`
  return rejected.some(({ check }) => check === 'trust-root') ? rootAdvice : undefined
}

/** A rule for an image as it could be written; of an image of ghcr.io the owner is likely who builds it. */
function ruleFor(name: string): string {
  const [repository = ''] = name.split('@')
  const owner = /^ghcr\.io\/(?<owner>[a-z0-9-]+)\//.exec(repository)?.groups?.['owner'] ?? 'OWNER'
  return `- {images: ${safeText(repository)}, signers: [{github: {owner: ${owner}}}]}`
}

const rootAdvice =
  "lading trust update, since roots change; or --trusted-root FILE with the root that the authority is of (`gh attestation trusted-root` has GitHub's for private repositories)"
