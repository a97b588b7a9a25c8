import { conditionText } from './condition-text.ts'
import { slsaProvenance, slsaProvenance02 } from './predicate-types.ts'
import type { AcceptedSigner, ProvenanceConditions, SignedRule } from './trust-rules.ts'

/** One thing that a rule asks for; one attestation that fulfils it is enough, and may fulfil others too. */
export interface Demand {
  /** Whether whoever fulfils it has to be somebody else than who fulfils the others that say so. */
  readonly isOfOneSigner?: boolean
  /** Whose it may be. */
  readonly signers: readonly AcceptedSigner[]
  /** The predicate types that will do; undefined among them: a signature or provenance. */
  readonly predicateTypes: readonly (string | undefined)[]
  readonly provenance?: ProvenanceConditions | undefined
}

/**
 * What a rule asks for, which all has to be fulfilled: each predicate type by one of the signers; without types a signature or
 * provenance. Conditions on provenance hold for the provenance among the types, else for a signature or provenance besides. Where all
 * signers have to have signed, each one a signature, provenance or one of the types, and they have to be as many as are named.
 */
export function demandsOf({ predicateTypes, provenance, signers }: SignedRule): readonly Demand[] {
  const typed = predicateTypes.map((type): Demand => ({
    signers: signers.of,
    predicateTypes: [type],
    provenance: isProvenance(type) ? provenance : undefined,
  }))
  const asksForAuthorship =
    provenance === undefined
      ? predicateTypes.length === 0 && signers.need === 'any'
      : !predicateTypes.some(isProvenance)
  const authorship: Demand = { signers: signers.of, predicateTypes: [undefined], provenance }
  const each = signers.of.map((signer): Demand => ({
    isOfOneSigner: true,
    signers: [signer],
    predicateTypes: [undefined, ...predicateTypes],
  }))
  return [...typed, ...(asksForAuthorship ? [authorship] : []), ...(signers.need === 'all' ? each : [])]
}

/** A demand as people read it: `https://slsa.dev/provenance/v1 with ref refs/tags/* by GitHub acme`. */
export function demandText({ predicateTypes, provenance, signers }: Demand): string {
  const types = predicateTypes.map((type) => type ?? 'a signature or provenance').join(' or ')
  const conditions = provenance === undefined ? '' : ` with ${conditionTexts(provenance).join(', ')}`
  return `${types}${conditions} by ${signers.map(({ name }) => name).join(' or ')}`
}

function conditionTexts(conditions: ProvenanceConditions): readonly string[] {
  const { buildType, builder, ref, runner, sourceRepository, workflow } = conditions
  return Object.entries({
    source: sourceRepository,
    ref: ref === undefined ? undefined : conditionText(ref),
    workflow,
    builder: builder === undefined ? undefined : conditionText(builder),
    runner,
    'build type': buildType,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
}

function isProvenance(type: string): boolean {
  return type === slsaProvenance || type === slsaProvenance02
}
