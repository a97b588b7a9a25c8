import { compareImagePatterns, InvalidImagePatternError, parseImagePattern } from '../../signing/index.ts'
import type { RuleSection } from './trust-section.ts'

/** The patterns of a rule, as texts. */
export function patternsOf({ images }: RuleSection): readonly string[] {
  return typeof images === 'string' ? [images] : images
}

/** Why a text is no pattern of images; undefined where it is one. */
export function imagePatternProblem(text: string): string | undefined {
  try {
    parseImagePattern(text)
    return undefined
  } catch (error) {
    if (error instanceof InvalidImagePatternError)
      return error.hint === undefined ? error.problem : `${error.problem}. ${error.hint}`
    throw error
  }
}

/** The first rule with a pattern that means the same as one before it: which of the two decides could not be said. */
export function repeatedPattern(
  rules: readonly RuleSection[],
): { readonly index: number; readonly message: string } | undefined {
  const all = rules.flatMap((rule, index) =>
    patternsOf(rule).map((text) => ({ index, pattern: parseImagePattern(text) })),
  )
  const sorted = all.toSorted((a, b) => compareImagePatterns(a.pattern, b.pattern) || a.index - b.index)
  for (const [place, later] of sorted.entries()) {
    const earlier = sorted[place - 1]
    if (earlier === undefined || compareImagePatterns(earlier.pattern, later.pattern) !== 0) continue
    const [first, second] = [earlier, later].map(({ pattern }) => JSON.stringify(pattern.text))
    return {
      index: later.index,
      message: `${second} means the same images as ${first} ${earlier.index === later.index ? 'in the same rule' : 'in a rule before it'}`,
    }
  }
  return undefined
}
