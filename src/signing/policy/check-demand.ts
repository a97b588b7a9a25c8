import type { Verified } from '../types.ts'
import { checkAge } from './check-age.ts'
import { checkPredicateType } from './check-predicate-type.ts'
import { checkProvenance } from './check-provenance.ts'
import type { ClaimFailure } from './claim-failure.ts'
import type { Demand } from './demands-of.ts'
import type { AcceptedSigner } from './trust-rules.ts'

/** A verified attestation, as a demand is held against it. */
export interface JudgedAttestation {
  readonly verified: Verified
  /** Those of the rule's signers that made it. */
  readonly signers: readonly AcceptedSigner[]
}

/** The first thing that keeps an attestation from fulfilling a demand. */
export function checkDemand(
  { signers, verified }: JudgedAttestation,
  demand: Demand,
  time: { readonly maxAge: number | undefined; readonly now: Date },
): ClaimFailure | undefined {
  return (
    checkTypes(verified, demand.predicateTypes) ??
    checkSigners(signers, demand.signers) ??
    (demand.provenance === undefined ? undefined : checkProvenance(verified, demand.provenance)) ??
    checkAge(verified.times, time.maxAge, time.now)
  )
}

function checkTypes(verified: Verified, types: Demand['predicateTypes']): ClaimFailure | undefined {
  const failures = types.map((type) => checkPredicateType(verified, type))
  return failures.includes(undefined) ? undefined : failures[0]
}

function checkSigners(
  made: readonly AcceptedSigner[],
  wanted: readonly AcceptedSigner[],
): ClaimFailure | undefined {
  if (made.some((signer) => wanted.includes(signer))) return undefined
  return { check: 'signer', message: `it is by ${namesOf(made)}, asked for is one by ${namesOf(wanted)}` }
}

function namesOf(signers: readonly AcceptedSigner[]): string {
  return signers.map(({ name }) => name).join(' or ')
}
