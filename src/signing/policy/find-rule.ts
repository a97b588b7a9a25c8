import type { Reference } from '../../oci/index.ts'
import { compareImagePatterns } from './compare-image-patterns.ts'
import type { ImagePattern } from './image-pattern.ts'
import { matchesImage } from './matches-image.ts'
import type { TrustRule, TrustRules } from './trust-rules.ts'

/** The rule that decides about an image, and the pattern of it that means the image. */
export interface MatchedRule {
  readonly rule: TrustRule
  readonly pattern: ImagePattern
}

/** The rule with the most specific pattern that means an image; the order in which rules stand says nothing. */
export function findRule({ rules }: TrustRules, reference: Reference): MatchedRule | undefined {
  return rules
    .flatMap((rule) => rule.images.map((pattern) => ({ rule, pattern })))
    .filter(({ pattern }) => matchesImage(pattern, reference))
    .toSorted((a, b) => compareImagePatterns(a.pattern, b.pattern))[0]
}
