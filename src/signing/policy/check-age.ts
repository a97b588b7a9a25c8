import type { ProvedTime } from '../types.ts'
import type { ClaimFailure } from './claim-failure.ts'

/** How far a clock may be behind the one that proved a time, in milliseconds. */
const clockSkew = 5 * 60 * 1000

/**
 * What keeps a signature from being young enough, by its earliest proved time. One that no clock could have seen yet is not, since then the
 * clock that is asked is wrong.
 *
 * @param maxAge seconds
 */
export function checkAge(
  times: readonly ProvedTime[],
  maxAge: number | undefined,
  now: Date,
): ClaimFailure | undefined {
  if (maxAge === undefined) return undefined
  const [earliest] = times
  if (earliest === undefined) return { check: 'age', message: 'nothing proves when it was made' }
  const age = now.getTime() - earliest.at.getTime()
  const at = earliest.at.toISOString()
  if (age < -clockSkew)
    return { check: 'age', message: `it was made at ${at}, which the clock here says is yet to come` }
  if (age <= maxAge * 1000) return undefined
  return { check: 'age', message: `it was made at ${at}, which is longer ago than ${ageText(maxAge)}` }
}

function ageText(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ] as const
  const [name, length] = units.find((unit) => seconds >= unit[1] && seconds % unit[1] === 0) ?? ['second', 1]
  const amount = seconds / length
  return `${amount} ${name}${amount === 1 ? '' : 's'}`
}
