import { UsageError } from '../errors/index.ts'
import type { Reference } from '../oci/index.ts'
import type { Evidence } from './evidence/evidence.ts'
import { checkDemand } from './policy/check-demand.ts'
import type { ClaimFailure } from './policy/claim-failure.ts'
import { type Demand, demandsOf, demandText } from './policy/demands-of.ts'
import { findRule, type MatchedRule } from './policy/find-rule.ts'
import type { SignedRule, TrustRules } from './policy/trust-rules.ts'
import { type AcceptedEvidence, proveByAccepted } from './prove-by-accepted.ts'
import type { ProvedEvidence, ProveEvidenceOptions, RejectedEvidence } from './prove-evidence.ts'
import type { TrustMaterial } from './trust/trust-material.ts'
import { checkCondition } from './verify/matches-text.ts'

/** What {@link judgeImage} decides by. */
export interface JudgeRequest extends ProveEvidenceOptions {
  /** The image's name, by which its rule is found. */
  readonly reference: Reference
  /** What was found of it, wherever its rule says to look. */
  readonly evidence: readonly Evidence[]
  readonly rules: TrustRules
  readonly trust: TrustMaterial
  /** The time that ages are measured by. */
  readonly now: Date
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
      /** All that fulfils nothing, with the first check that each failed. */
      readonly rejected: readonly RejectedEvidence[]
    }

/** Something that a rule asks for, and the evidence that fulfils it. */
export interface FulfilledDemand {
  /** As people read it. */
  readonly asked: string
  /** The name of the signer in the rule. */
  readonly signer: string
  readonly proved: ProvedEvidence
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
  const { demands, rejected } = await holdAgainst(matched.rule, request)
  const fulfilled = demands.flatMap((demand) => demand.fulfilled ?? [])
  const missing = demands.filter((demand) => demand.fulfilled === undefined).map(({ asked }) => asked)
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

interface OpenDemand {
  readonly demand: Demand
  readonly asked: string
  fulfilled: FulfilledDemand | undefined
}

async function holdAgainst(
  rule: SignedRule,
  request: JudgeRequest,
): Promise<{ readonly demands: readonly OpenDemand[]; readonly rejected: readonly RejectedEvidence[] }> {
  const { evidence: all, now, trust } = request
  const demands = demandsOf(rule).map((demand): OpenDemand => ({
    demand,
    asked: demandText(demand),
    fulfilled: undefined,
  }))
  const rejected: RejectedEvidence[] = []
  for (const evidence of all) {
    request.signal?.throwIfAborted()
    if (demands.every(({ fulfilled }) => fulfilled !== undefined)) break
    const accepted = await proveByAccepted(evidence, rule.signers.of, trust, request)
    const failure =
      'proved' in accepted ? fulfil(demands, accepted, { maxAge: rule.maxAge, now }) : accepted.failure
    if (failure !== undefined) rejected.push({ evidence, failure })
  }
  return { demands, rejected }
}

/** Notes which demands an attestation fulfils; what it failed where it fulfils none, also none that was fulfilled before. */
function fulfil(
  demands: readonly OpenDemand[],
  { proved, signers }: AcceptedEvidence,
  time: { readonly maxAge: number | undefined; readonly now: Date },
): ClaimFailure | undefined {
  const failures: ClaimFailure[] = []
  for (const open of demands) {
    const failure = checkDemand({ verified: proved.verified, signers }, open.demand, time)
    if (failure !== undefined) failures.push(failure)
    else {
      const signer = signers.find((one) => open.demand.signers.includes(one))
      open.fulfilled ??= { asked: open.asked, signer: signer?.name ?? '', proved }
    }
  }
  if (failures.length < demands.length) return undefined
  return failures.find(({ check }) => check !== 'predicate-type') ?? failures[0]
}
