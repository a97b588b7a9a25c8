import type { TextCondition } from '../types.ts'

/** A condition as it was written. */
export function conditionText(condition: TextCondition): string {
  return 'exact' in condition ? condition.exact : condition.pattern
}
