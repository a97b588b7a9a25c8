import { UsageError } from '../../errors/index.ts'
import type { TextCondition } from '../types.ts'

const maxPatternLength = 4096

/**
 * Whether a text is what a condition asks for: equal to it, or matched whole by its glob. Case counts. In a glob `*`
 * stands for any text, also none and also with slashes; every other character stands for itself.
 */
export function matchesText(condition: TextCondition, text: string): boolean {
  return 'exact' in condition ? text === condition.exact : matchesGlob(condition.pattern, text)
}

/**
 * Refuses a condition that cannot be meant.
 *
 * @param what as `identity`, for the message
 * @throws {UsageError} when it is empty or too long.
 */
export function checkCondition(condition: TextCondition, what: string): void {
  const text = 'exact' in condition ? condition.exact : condition.pattern
  if (text === '') throw new UsageError(`Cannot verify: the ${what} that is asked for is empty`)
  if (text.length > maxPatternLength)
    throw new UsageError(
      `Cannot verify: the ${what} that is asked for has more than ${maxPatternLength} characters`,
    )
  if (!('exact' in condition) && /^\*+$/.test(text))
    throw new UsageError(`Cannot verify: the ${what} pattern ${JSON.stringify(text)} would take everybody`)
}

/** Greedy from the left, which is right for `*` alone, and never slower than the two lengths multiplied. */
function matchesGlob(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text === pattern
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false
  let offset = first.length
  const end = text.length - last.length
  for (const part of rest) {
    const found = text.indexOf(part, offset)
    if (found < 0 || found + part.length > end) return false
    offset = found + part.length
  }
  return true
}
