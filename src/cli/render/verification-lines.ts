import type { FoundAnswer, SatisfiedAnswer, VerificationAnswer } from '../verification/verification-answer.ts'
import { count } from './count.ts'
import { type Field, fieldLines } from './field-lines.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { verifiedFields } from './verified-fields.ts'

/** The answer of `lading verify` for people. */
export function verificationLines(
  answer: VerificationAnswer,
  options: { readonly style: Style; readonly width: number | undefined },
): string[] {
  const { style } = options
  const { image, name, rejected, satisfied } = answer
  if (satisfied !== null) {
    return [
      `${style.green('verified')}  ${style.bold(safeText(image))}`,
      ...fieldLines([{ label: 'image', values: [name] }, ...satisfiedFields(satisfied)], options),
    ]
  }
  const seen =
    rejected.length === 0
      ? 'no signature was found'
      : `none of ${count(rejected.length, 'signature')} shows what was asked for`
  return [
    `${style.red('not verified')}  ${style.bold(safeText(image))}  ${seen}`,
    ...fieldLines([{ label: 'image', values: [name] }], options),
    ...rejected.flatMap(({ found, check, reason }) => [
      `  ${safeText(foundText(found))}`,
      ...fieldLines([{ label: check, values: [reason] }], options).map((line) => `  ${line}`),
    ]),
  ]
}

function satisfiedFields(satisfied: SatisfiedAnswer): Field[] {
  return [
    { label: 'signed', values: [signedText(satisfied.signed)] },
    ...verifiedFields(satisfied),
    { label: 'found', values: [foundText(satisfied.found)] },
  ]
}

function signedText({ digest, platform, what }: SatisfiedAnswer['signed']): string {
  switch (what) {
    case 'index':
      return `the index with all its platforms, ${digest}`
    case 'platform':
      return `the manifest of ${platform ?? 'a platform'} in the index, ${digest}`
    case 'manifest':
      return `the manifest, ${digest}`
    default:
      return what satisfies never
  }
}

function foundText({ at, detail }: FoundAnswer): string {
  switch (at) {
    case 'referrer':
      return `referrer ${detail}`
    case 'tag':
      return `cosign's tag ${detail}`
    case 'github':
      return `GitHub's attestations of ${detail}`
    case 'file':
      return detail
    default:
      return at satisfies never
  }
}
