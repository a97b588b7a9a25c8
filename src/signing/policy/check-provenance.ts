import type { TextCondition, Verified } from '../types.ts'
import { matchesText } from '../verify/matches-text.ts'
import { asciiLowerCase } from './ascii-lower-case.ts'
import type { ClaimFailure } from './claim-failure.ts'
import { conditionText } from './condition-text.ts'
import { type Fact, provenanceFacts } from './provenance-facts.ts'
import { parseSourceUri } from './parse-source-uri.ts'
import type { ProvenanceConditions } from './trust-rules.ts'

/**
 * The first condition that is not fulfilled: nobody says anything of it, or one of those who do says something else. Of the certificate
 * and the predicate none is believed over the other.
 */
export function checkProvenance(
  verified: Pick<Verified, 'signer' | 'statement'>,
  conditions: ProvenanceConditions,
): ClaimFailure | undefined {
  const facts = provenanceFacts(verified)
  const { buildType, builder, ref, runner, sourceRepository, workflow } = conditions
  return (
    check('source-repository', 'source', facts.sourceRepository, sourceRepository, isSameRepository) ??
    check('source-ref', 'ref', facts.ref, ref, fulfils) ??
    check('workflow', 'workflow', facts.workflow, workflow, isSame) ??
    check('builder', 'builder', facts.builder, builder, fulfils) ??
    check('runner', 'runner', facts.runner, runner, isSame) ??
    check('build-type', 'build type', facts.buildType, buildType, isSame)
  )
}

function check<Wanted extends string | TextCondition>(
  name: ClaimFailure['check'],
  what: string,
  facts: readonly Fact[],
  wanted: Wanted | undefined,
  isFulfilled: (wanted: Wanted, actual: string) => boolean,
): ClaimFailure | undefined {
  if (wanted === undefined) return undefined
  const asked = `asked for is ${typeof wanted === 'string' ? wanted : conditionText(wanted)}`
  if (facts.length === 0) return { check: name, message: `nothing says its ${what}, ${asked}` }
  const wrong = facts.find(({ value }) => value === undefined || !isFulfilled(wanted, value))
  if (wrong === undefined) return undefined
  return {
    check: name,
    message: `${wrong.by} says that its ${what} is ${wrong.value ?? 'what cannot be read'}, ${asked}`,
  }
}

function isSame(wanted: string, actual: string): boolean {
  return wanted === actual
}

function fulfils(wanted: TextCondition, actual: string): boolean {
  return matchesText(wanted, actual)
}

function isSameRepository(wanted: string, actual: string): boolean {
  const repository = parseSourceUri(actual)
  if (repository === undefined || repository.ref !== undefined) return false
  return repositoryKey(repository.repository) === repositoryKey(wanted)
}

/** GitHub's names are compared without case. */
function repositoryKey(url: string): string {
  return /^https:\/\/github\.com\//i.test(url) ? asciiLowerCase(url) : url
}
