import { UsageError } from '../errors/index.ts'
import type { Reference } from '../oci/index.ts'
import { type FulfilledDemand, type HoldRequest, holdAgainstRule } from './hold-against-rule.ts'
import { findRule, type MatchedRule } from './policy/find-rule.ts'
import type { SignedRule, TrustRules } from './policy/trust-rules.ts'
import type { RejectedEvidence } from './prove-evidence.ts'
import { checkCondition } from './verify/matches-text.ts'

/** What {@link judgeImage} decides by. */
export interface JudgeRequest extends HoldRequest {
  /** The image's name, by which its rule is found. */
  readonly reference: Reference
  readonly rules: TrustRules
}

/** What a project's rules say of an image. Only `verified` says that somebody signed it. */
export type ImageVerdict =
  /** No rule is for the image. */
  | { readonly decision: 'no-rule' }
  /** Its rule allows unsigned images: nothing was looked at. */
  | { readonly decision: 'unsigned-allowed'; readonly matched: MatchedRule }
  /** All that its rule asks for is there. */
  | {
      readonly decision: 'verified'
      readonly matched: MatchedRule
      /** In the order in which the rule asks; at least one. */
      readonly fulfilled: readonly FulfilledDemand[]
      /** What was looked at before it was enough and fulfils nothing. */
      readonly rejected: readonly RejectedEvidence[]
    }
  | {
      readonly decision: 'refused'
      readonly matched: MatchedRule
      readonly fulfilled: readonly FulfilledDemand[]
      /** What is not there, as people read it; at least one. */
      readonly missing: readonly string[]
      /** All that fulfils nothing, or not what is missing, with the first check that each failed. */
      readonly rejected: readonly RejectedEvidence[]
    }

/**
 * Says what a project's rules make of an image, by the most specific one. There is neither network nor clock in it, and it stops at
 * the first evidence that is enough.
 *
 * @throws {UsageError} for a rule that cannot be meant: nobody is accepted, everybody is, or a key cannot be read.
 * @example
 * const verdict = await judgeImage({ reference, evidence, rules, trust: await builtInTrust(), now: new Date() })
 */
export async function judgeImage(request: JudgeRequest): Promise<ImageVerdict> {
  const matched = findRule(request.rules, request.reference)
  if (matched === undefined) return { decision: 'no-rule' }
  if (matched.rule.kind === 'unsigned') return { decision: 'unsigned-allowed', matched }
  checkRule(matched.rule)
  const { fulfilled, missing, rejected } = await holdAgainstRule(matched.rule, request)
  return missing.length === 0 && fulfilled.length > 0
    ? { decision: 'verified', matched, fulfilled, rejected }
    : { decision: 'refused', matched, fulfilled, missing, rejected }
}

/** What verifying by an identity would refuse; here certificates are verified first and held against identities afterwards. */
function checkRule({ signers }: SignedRule): void {
  if (signers.of.length === 0) throw new UsageError('Cannot verify by a rule that accepts nobody')
  for (const { policy } of signers.of) {
    if (policy.kind !== 'identity') continue
    checkCondition(policy.identity, 'identity')
    checkCondition(policy.issuer, 'issuer')
  }
}
