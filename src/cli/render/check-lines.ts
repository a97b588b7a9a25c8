import type { CheckLockAnswer, FindingAnswer } from '../locking/check-answer.ts'
import { count } from './count.ts'
import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'

/** The answer of `lading check` for people. */
export function checkLines({ file, findings, images, ok }: CheckLockAnswer, style: Style): string[] {
  const errors = findings.filter(({ level }) => level === 'error').length
  return [
    ...findings.flatMap((finding) => findingLines(finding, style)),
    ok
      ? `${style.green('ok')}  ${safeText(file)} agrees with the sources: ${count(images, 'image')}`
      : `${style.red('not ok')}  ${safeText(file)}: ${count(errors, 'error')}`,
  ]
}

function findingLines({ column, file, hint, level, line, message }: FindingAnswer, style: Style): string[] {
  const name = { error: style.red('error'), warning: style.yellow('warning'), note: style.dim('note') }[level]
  return [
    `${safeText(file)}:${line}:${column}: ${name}: ${safeText(message)}`,
    ...(hint === null || level === 'note' ? [] : [`${style.dim('  try:')} ${safeText(hint)}`]),
  ]
}
