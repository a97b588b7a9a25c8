import type { BlobAnswer } from '../verification/blob-answer.ts'
import { count } from './count.ts'
import { fieldLines, type FieldLinesOptions } from './field-lines.ts'
import { safeText } from './safe-text.ts'
import { verifiedFields } from './verified-fields.ts'

/** The answer of `lading verify-blob` for people. */
export function blobVerificationLines(answer: BlobAnswer, options: FieldLinesOptions): string[] {
  const { style } = options
  const { file, rejected, satisfied } = answer
  if (satisfied !== null)
    return [
      `${style.green('verified')}  ${style.bold(safeText(file))}`,
      ...fieldLines(
        [
          { label: 'digest', values: [satisfied.digest] },
          ...verifiedFields(satisfied),
          { label: 'bundle', values: [satisfied.bundle] },
        ],
        options,
      ),
    ]
  return [
    `${style.red('not verified')}  ${style.bold(safeText(file))}  none of ${count(rejected.length, 'signature')} shows what was asked for`,
    ...rejected.flatMap(({ bundle, check, reason }) => [
      `  ${safeText(bundle)}`,
      ...fieldLines([{ label: check, values: [reason] }], options).map((line) => `  ${line}`),
    ]),
  ]
}
