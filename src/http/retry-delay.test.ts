import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRetryAfter, retryDelay } from './retry-delay.ts'

const now = Date.UTC(2026, 0, 2, 3, 4, 5)

describe('parseRetryAfter()', () => {
  test.each([
    ['0', 0],
    ['12', 12],
    [' 12 ', 12],
    ['1.5', 1.5],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10],
    ['Friday, 02-Jan-26 03:04:15 GMT', 10],
    ['Fri, 02 Jan 2026 03:04:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    ['12, 13', undefined],
  ])('%j', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected)
  })
})

describe('retryDelay()', () => {
  test('never waits less than the server asked for, and little more', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.double({ min: 0, max: 1, noNaN: true }), (asked, random) => {
        const delay = retryDelay({ tries: 1, retryAfter: String(asked), now, random })
        expect(delay).toBeGreaterThanOrEqual(asked)
        expect(delay).toBeLessThanOrEqual(asked + 1)
      }),
    )
  })

  test('doubles from half a second, up to a bound, when the server asks for nothing', () => {
    const delays = [1, 2, 3, 4, 20].map((tries) =>
      retryDelay({ tries, retryAfter: undefined, now, random: 0 }),
    )
    expect(delays).toEqual([0.5, 1, 2, 4, 15])
  })

  test('takes up to a half away by chance', () => {
    expect(retryDelay({ tries: 2, retryAfter: 'soon', now, random: 1 })).toBe(0.5)
  })
})
