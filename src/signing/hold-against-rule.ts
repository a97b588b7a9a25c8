import type { Evidence } from './evidence/evidence.ts'
import { checkDemand } from './policy/check-demand.ts'
import type { ClaimFailure } from './policy/claim-failure.ts'
import { type Demand, demandsOf, demandText } from './policy/demands-of.ts'
import { tellSignersApart } from './policy/tell-signers-apart.ts'
import type { SignedRule } from './policy/trust-rules.ts'
import { type AcceptedEvidence, proveByAccepted } from './prove-by-accepted.ts'
import type { ProvedEvidence, ProveEvidenceOptions, RejectedEvidence } from './prove-evidence.ts'
import type { TrustMaterial } from './trust/trust-material.ts'
import type { Signer } from './types.ts'

/** What a rule is held against. */
export interface HoldRequest extends ProveEvidenceOptions {
  readonly evidence: readonly Evidence[]
  readonly trust: TrustMaterial
  /** The time that ages are measured by. */
  readonly now: Date
}

/** Something that a rule asks for, and the evidence that fulfils it. */
export interface FulfilledDemand {
  /** As people read it. */
  readonly asked: string
  /** The name of the signer in the rule. */
  readonly signer: string
  readonly proved: ProvedEvidence
}

/** What of a rule is there, and what is not. */
export interface HeldAgainst {
  /** In the order in which the rule asks. */
  readonly fulfilled: readonly FulfilledDemand[]
  /** As people read it. */
  readonly missing: readonly string[]
  /** What fulfils nothing, or not what is missing. */
  readonly rejected: readonly RejectedEvidence[]
}

/** Looks for all that a rule asks for, one piece of evidence after the other, and stops when all of it is there. */
export async function holdAgainstRule(rule: SignedRule, request: HoldRequest): Promise<HeldAgainst> {
  const { evidence: all, now, trust } = request
  const demands = demandsOf(rule).map((demand): OpenDemand => ({
    demand,
    asked: demandText(demand),
    candidates: new Map(),
    fulfilled: undefined,
  }))
  const outcomes: Outcome[] = []
  for (const evidence of all) {
    request.signal?.throwIfAborted()
    if (demands.every(({ fulfilled }) => fulfilled !== undefined)) break
    const accepted = await proveByAccepted(evidence, rule.signers.of, trust, request)
    outcomes.push(
      'proved' in accepted
        ? fulfil(demands, accepted, { maxAge: rule.maxAge, now })
        : { ...accepted, failures: new Map() },
    )
  }
  return {
    fulfilled: demands.flatMap(({ fulfilled }) => fulfilled ?? []),
    missing: demands.filter(({ fulfilled }) => fulfilled === undefined).map(({ asked }) => asked),
    rejected: outcomes.flatMap((outcome) => rejectionOf(outcome, demands)),
  }
}

interface OpenDemand {
  readonly demand: Demand
  readonly asked: string
  /** By who signed; of each the first that fulfils it. */
  readonly candidates: Map<string, FulfilledDemand>
  fulfilled: FulfilledDemand | undefined
}

/** What became of one piece of evidence. */
interface Outcome {
  readonly evidence: Evidence
  /** Why it fulfils nothing at all. */
  readonly failure: ClaimFailure | undefined
  /** Why it does not fulfil each of these demands. */
  readonly failures: ReadonlyMap<OpenDemand, ClaimFailure>
}

/** Notes which demands an attestation fulfils. */
function fulfil(
  demands: readonly OpenDemand[],
  { proved, signers }: AcceptedEvidence,
  time: { readonly maxAge: number | undefined; readonly now: Date },
): Outcome {
  const { evidence, verified } = proved
  const failures = new Map<OpenDemand, ClaimFailure>()
  for (const open of demands) {
    const failure = checkDemand({ verified, signers }, open.demand, time)
    if (failure !== undefined) failures.set(open, failure)
    else {
      const signer = signers.find((one) => open.demand.signers.includes(one))
      const candidate = { asked: open.asked, signer: signer?.name ?? '', proved }
      const name = nameOf(verified.signer)
      if (!open.candidates.has(name)) open.candidates.set(name, candidate)
    }
  }
  chooseCandidates(demands)
  const all = [...failures.values()]
  const failure = failures.size < demands.length ? undefined : (all.find(isTelling) ?? all[0])
  return { evidence, failure, failures }
}

/** Of several that each want a signer of their own, as many are fulfilled as there are signers for. */
function chooseCandidates(demands: readonly OpenDemand[]): void {
  const [apart, others] = [true, false].map((isOwn) =>
    demands.filter(({ demand }) => (demand.isOfOneSigner === true) === isOwn),
  )
  for (const open of others ?? []) open.fulfilled ??= open.candidates.values().next().value
  const names = tellSignersApart((apart ?? []).map(({ candidates }) => [...candidates.keys()]))
  for (const [place, open] of (apart ?? []).entries()) {
    const name = names[place]
    open.fulfilled = name === undefined ? undefined : open.candidates.get(name)
  }
}

/** One text for one signer. */
function nameOf(signer: Signer): string {
  return signer.kind === 'key' ? signer.keyDigest : JSON.stringify([signer.issuer, signer.identity])
}

/** What fulfils a part of the rule is a candidate all the same for a part that is missing, where it has what that asks for. */
function rejectionOf(
  { evidence, failure, failures }: Outcome,
  demands: readonly OpenDemand[],
): readonly RejectedEvidence[] {
  const missed = [...failures].find(([open, one]) => open.fulfilled === undefined && isTelling(one))
  const shown = failure ?? missed?.[1] ?? countedTwice(evidence, demands)
  return shown === undefined ? [] : [{ evidence, failure: shown }]
}

/** It would fulfil a demand, had not its signer fulfilled one that wants a signer of its own. */
function countedTwice(evidence: Evidence, demands: readonly OpenDemand[]): ClaimFailure | undefined {
  const spare = demands
    .filter(({ fulfilled }) => fulfilled === undefined)
    .flatMap(({ candidates }) => [...candidates.values()])
    .find(({ proved }) => proved.evidence === evidence)
  if (spare === undefined) return undefined
  const { signer } = spare.proved.verified
  const who = signer.kind === 'key' ? `the key ${signer.keyDigest}` : signer.identity
  return { check: 'signer', message: `${who} counts once, and each of all signers has to be somebody else` }
}

/** Whether it is by the right signer and of the right type. */
function isTelling({ check }: ClaimFailure): boolean {
  return check !== 'predicate-type' && check !== 'signer'
}
