import type { CliContext } from '../context.ts'
import { signingLines } from '../render/signing-lines.ts'
import type { SignatureAnswer, SigningAnswer } from './signing-answer.ts'
import type { SigningFlags } from './signing-flags.ts'

/** Shows what was signed; beside a bundle on standard output, on standard error. */
export function showSignatures({ output }: CliContext, flags: SigningFlags, answer: SigningAnswer): void {
  if (flags.json === true) return output.json(answer)
  if (flags.quiet === true) {
    for (const signature of answer.signatures) output.line(shortest(signature))
    return
  }
  const toError = flags.bundleOut === '-'
  const style = toError ? output.errorStyle : output.style
  for (const line of signingLines(answer, { style, width: output.width }))
    if (toError) output.note(line)
    else output.line(line)
}

function shortest({ stored }: SignatureAnswer): string {
  switch (stored.kind) {
    case 'referrer':
    case 'tag':
      return stored.digest
    case 'github':
      return stored.url
    case 'file':
      return stored.path
    default:
      return stored satisfies never
  }
}
