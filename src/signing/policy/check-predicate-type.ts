import type { Verified } from '../types.ts'
import type { ClaimFailure } from './claim-failure.ts'
import { authorshipPredicates } from './predicate-types.ts'

/**
 * What keeps a signature from stating what is asked for.
 *
 * @param wanted the predicate type; undefined: any that says "I made this", and signatures that state nothing.
 */
export function checkPredicateType(
  { statement }: Pick<Verified, 'statement'>,
  wanted: string | undefined,
): ClaimFailure | undefined {
  const actual = statement?.predicateType
  const isEnough =
    wanted === undefined ? actual === undefined || authorshipPredicates.includes(actual) : actual === wanted
  if (isEnough) return undefined
  return {
    check: 'predicate-type',
    message: `its predicate type is ${actual ?? 'none'}, asked for is ${wanted ?? 'a signature or provenance'}`,
  }
}
