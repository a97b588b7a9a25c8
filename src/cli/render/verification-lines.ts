import type { PolicyAnswer } from '../verification/policy-answer.ts'
import type { FoundAnswer, SatisfiedAnswer } from '../verification/satisfied-answer.ts'
import type { VerificationAnswer } from '../verification/verification-answer.ts'
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
  const { image, name, policy, rejected } = answer
  const [first, ...others] = satisfiedParts(answer)
  return [
    headLine(answer, options.style),
    ...fieldLines(
      [
        { label: 'image', values: [name] },
        { label: 'rule', values: policy === undefined ? [] : [ruleText(policy, image)] },
        { label: 'missing', values: policy?.missing ?? [] },
        ...(first ?? []),
      ],
      options,
    ),
    ...others.flatMap((fields) => fieldLines(fields, options)),
    ...(answer.verified ? [] : rejected).flatMap(({ found, check, reason }) => [
      `  ${safeText(foundText(found))}`,
      ...fieldLines([{ label: check, values: [reason] }], options).map((line) => `  ${line}`),
    ]),
  ]
}

function headLine({ image, policy, rejected, verified }: VerificationAnswer, style: Style): string {
  const shown = style.bold(safeText(image))
  if (verified) return `${style.green('verified')}  ${shown}`
  if (policy?.decision === 'unsigned-allowed')
    return `${style.yellow('allowed')}  ${shown}  unsigned images are allowed by the rule; no signature was looked at`
  if (policy?.decision === 'no-rule') return `${style.red('not verified')}  ${shown}  no rule is for it`
  return `${style.red('not verified')}  ${shown}  ${seenText(policy?.fulfilled.length ?? 0, rejected.length)}`
}

function seenText(fulfilling: number, rejected: number): string {
  if (fulfilling > 0) return 'not all that its rule asks for is there'
  return rejected === 0
    ? 'no signature was found'
    : `none of ${count(rejected, 'signature')} shows what was asked for`
}

function ruleText({ file, rule }: PolicyAnswer, image: string): string {
  return rule === null ? `none in ${file} for ${image}` : `${rule}, in ${file}`
}

/** What was proved: once, or for each thing that a rule asks for. */
function satisfiedParts({ policy, satisfied }: VerificationAnswer): readonly (readonly Field[])[] {
  if (policy === undefined) return satisfied === null ? [] : [satisfiedFields(satisfied)]
  return policy.fulfilled.map((part) => [
    { label: 'fulfilled', values: [part.asked] },
    ...satisfiedFields(part.satisfied),
  ])
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
