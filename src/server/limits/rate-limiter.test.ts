import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.ts'
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts'

function refusal(limiter: RateLimiter, client: string): ProtocolError | undefined {
  try {
    limiter.count(client)
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

describe('createRateLimiter()', () => {
  test('lets a minute’s requests through at once, then refuses until one more has come due', () => {
    let time = 0
    const limiter = createRateLimiter({ requestsPerMinute: 6, now: () => time })
    for (let count = 0; count < 6; count += 1) limiter.count('192.0.2.1')
    const error = refusal(limiter, '192.0.2.1')
    expect(error).toMatchObject({ code: 'TOOMANYREQUESTS', status: 429, headers: { 'Retry-After': '10' } })
    time = 9_999
    expect(refusal(limiter, '192.0.2.1')?.headers['Retry-After']).toBe('1')
    time = 10_001
    expect(refusal(limiter, '192.0.2.1')).toBeUndefined()
    expect(refusal(limiter, '192.0.2.1')).toBeDefined()
  })

  test('counts each client apart, and an IPv6 network as one', () => {
    const limiter = createRateLimiter({ requestsPerMinute: 1, now: () => 0 })
    limiter.count('192.0.2.1')
    limiter.count('192.0.2.2')
    limiter.count('2001:db8::1')
    expect(refusal(limiter, '192.0.2.1')).toBeDefined()
    expect(refusal(limiter, '2001:db8::2')).toBeDefined()
    expect(refusal(limiter, '2001:db8:0:1::2')).toBeUndefined()
  })

  test('remembers no more clients than it may, and drops who was quiet longest', () => {
    const limiter = createRateLimiter({ requestsPerMinute: 1, now: () => 0, maxClients: 2 })
    for (const client of ['a', 'b', 'c']) limiter.count(client)
    expect(refusal(limiter, 'c')).toBeDefined()
    expect(refusal(limiter, 'b')).toBeDefined()
    expect(refusal(limiter, 'a')).toBeUndefined()
  })

  test('has no bound unless one is set', () => {
    const limiter = createRateLimiter({ now: () => 0 })
    expect(() => {
      for (let count = 0; count < 10_000; count += 1) limiter.count('a')
    }).not.toThrow()
  })

  test('never lets more through than the rate and one minute’s store', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.array(fc.integer({ min: -2000, max: 20_000 }), { maxLength: 200 }),
        (requestsPerMinute, steps) => {
          let time = 0
          let latest = 0
          let forward = 0
          const limiter = createRateLimiter({ requestsPerMinute, now: () => time })
          const passed = steps.filter((step) => {
            time += step
            // Time that goes back and forth again counts each time it goes forth.
            forward += Math.max(0, time - latest)
            latest = time
            return refusal(limiter, 'a') === undefined
          })
          expect(passed.length).toBeLessThanOrEqual(
            requestsPerMinute + (forward / 60_000) * requestsPerMinute + 1e-6,
          )
        },
      ),
    )
  })
})
