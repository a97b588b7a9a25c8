/** What a wait before the next try depends on. */
export interface RetryFacts {
  /** Tries so far, from 1. */
  readonly tries: number
  /** The answer's `Retry-After`, where there is one. */
  readonly retryAfter: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  /** From 0 to 1. */
  readonly random: number
}

/** The longest wait of our own choice, in seconds. */
const longest = 15

/**
 * Seconds to wait before a request is repeated: what the server asked for and up to a tenth (at most one
 * second) more, so that those who were told the same do not come back at once; else half a second, doubled
 * with each try, up to 15 s, of which up to a half is taken away by chance.
 */
export function retryDelay({ tries, retryAfter, now, random }: RetryFacts): number {
  const asked = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, now)
  if (asked !== undefined) return asked + Math.min(1, asked / 10) * random
  return Math.min(longest, 0.5 * 2 ** (tries - 1)) * (1 - random / 2)
}

/**
 * The seconds that a `Retry-After` header asks for (RFC 9110, section 10.2.3: seconds or an HTTP date), not
 * below 0; undefined when it is neither.
 */
export function parseRetryAfter(value: string, now: number): number | undefined {
  const text = value.trim()
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text)
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000)
}
