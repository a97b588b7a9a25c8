import type { Finding } from '../../lock/index.ts'
import type { FindingAnswer } from './check-answer.ts'

const lockFileName = 'lading.lock'

/** Findings with a place: what is about the lock stands where the lock names the image. */
export function placeFindings(findings: readonly Finding[], lockText: string): readonly FindingAnswer[] {
  const lines = lockText.split(/\r?\n/)
  return findings.map(({ at, hint = null, image, level, message, rule }) => ({
    rule,
    level,
    image,
    message,
    hint,
    ...(at ?? placeInLock(lines, image)),
  }))
}

function placeInLock(
  lines: readonly string[],
  image: string,
): Pick<FindingAnswer, 'file' | 'line' | 'column' | 'length'> {
  const index = lines.findIndex(
    (line) => line.startsWith('  ') && /^"?([^"]*?)"?:$/.exec(line.trim())?.[1] === image,
  )
  return index < 0
    ? { file: lockFileName, line: 1, column: 1, length: 0 }
    : { file: lockFileName, line: index + 1, column: 3, length: (lines[index]?.length ?? 4) - 3 }
}
