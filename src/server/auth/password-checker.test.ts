import { describe, expect, test } from 'vitest'
import type { BcryptThread } from './bcrypt-thread.ts'
import type { PasswordHashes } from './parse-htpasswd.ts'
import { createPasswordChecker, type PasswordChecker } from './password-checker.ts'

/** The hash of `secret`, cost 4. */
const hash = '$2b$04$O0PyI7JyDCdZ2knJRkBOquplC2RtW1PR7/F3TOQodZrakjxNT3G66'
const dearHash = '$2b$12$O0PyI7JyDCdZ2knJRkBOquplC2RtW1PR7/F3TOQodZrakjxNT3G66'

interface Bench {
  readonly checker: PasswordChecker
  /** The hashes that were compared with, in order. */
  readonly compared: string[]
  hashes: PasswordHashes
  time: number
  /** What comparisons wait for. */
  gate: Promise<void>
}

/** A checker whose comparisons are counted, and know one password. */
function bench(): Bench {
  const compared: string[] = []
  const bcrypt: BcryptThread = {
    async compare(password, to) {
      compared.push(to)
      await made.gate
      return password === 'secret'
    },
    close: async () => {},
  }
  const file = { current: async () => made.hashes }
  const checker = createPasswordChecker(file, { now: () => made.time, bcrypt })
  const made: Bench = {
    checker,
    compared,
    hashes: new Map([['alice', hash]]),
    time: 0,
    gate: Promise.resolve(),
  }
  return made
}

describe('createPasswordChecker()', () => {
  test('checks with bcrypt, in a thread', async () => {
    const checker = createPasswordChecker(
      { current: async () => new Map([['alice', hash]]) },
      { now: () => 0 },
    )
    try {
      const verdicts = await Promise.all([
        checker.isRight('alice', 'secret', 'c'),
        checker.isRight('alice', 'Secret', 'c'),
        checker.isRight('bob', 'secret', 'c'),
        checker.isRight('alice', '', 'c'),
      ])
      expect(verdicts).toEqual([true, false, false, false])
    } finally {
      await checker.close()
    }
  })

  test('a thread that was ended is started again', async () => {
    const checker = createPasswordChecker(
      { current: async () => new Map([['alice', hash]]) },
      { now: () => 0 },
    )
    expect(await checker.isRight('alice', 'secret', 'c')).toBe(true)
    await checker.close()
    expect(await checker.isRight('alice', 'wrong', 'c')).toBe(false)
    await checker.close()
  })

  test('compares once for a pair of user and password, also when it is asked for often at once', async () => {
    const { checker, compared } = bench()
    const verdicts = await Promise.all(
      ['a', 'b', 'c'].map((client) => checker.isRight('alice', 'secret', client)),
    )
    expect(verdicts).toEqual([true, true, true])
    expect(await checker.isRight('alice', 'secret', 'd')).toBe(true)
    expect(compared).toHaveLength(1)
  })

  test('forgets a right verdict after five minutes, a wrong one after half a minute', async () => {
    const made = bench()
    await made.checker.isRight('alice', 'secret', 'c')
    await made.checker.isRight('alice', 'wrong', 'c')
    expect(made.compared).toHaveLength(2)
    made.time = 29_999
    await made.checker.isRight('alice', 'wrong', 'c')
    expect(made.compared).toHaveLength(2)
    made.time = 30_000
    await made.checker.isRight('alice', 'wrong', 'c')
    expect(made.compared).toHaveLength(3)
    made.time = 299_999
    await made.checker.isRight('alice', 'secret', 'c')
    expect(made.compared).toHaveLength(3)
    made.time = 300_000
    await made.checker.isRight('alice', 'secret', 'c')
    expect(made.compared).toHaveLength(4)
  })

  test('forgets every verdict when the file changes, also one that was on its way', async () => {
    const made = bench()
    await made.checker.isRight('alice', 'secret', 'c')
    const { promise, resolve } = Promise.withResolvers<void>()
    made.gate = promise
    const onItsWay = made.checker.isRight('alice', 'other', 'c')
    await Promise.resolve()
    made.hashes = new Map([['alice', dearHash]])
    const later = made.checker.isRight('alice', 'secret', 'c')
    resolve()
    await Promise.all([onItsWay, later])
    await made.checker.isRight('alice', 'other', 'c')
    expect(made.compared).toEqual([hash, hash, dearHash, dearHash])
  })

  test('a stranger is compared with a hash of the highest cost, and never right', async () => {
    const made = bench()
    made.hashes = new Map([
      ['alice', hash],
      ['bob', dearHash],
    ])
    expect(await made.checker.isRight('eve', 'secret', 'c')).toBe(false)
    expect(made.compared).toEqual([expect.stringMatching(/^\$2b\$12\$[./A-Za-z0-9]{53}$/)])
  })

  test('a flood from one client is refused, and delays nobody else', async () => {
    const made = bench()
    const { promise, resolve } = Promise.withResolvers<void>()
    made.gate = promise
    const flood = Array.from({ length: 100 }, (_, index) =>
      made.checker.isRight('alice', `guess ${index}`, 'flooder'),
    )
    const settled = Promise.allSettled(flood)
    const other = made.checker.isRight('alice', 'secret', 'other')
    resolve()
    expect(await other).toBe(true)
    const outcomes = await settled
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(17)
    const refused = outcomes.find(({ status }) => status === 'rejected')
    expect(refused).toMatchObject({ reason: { code: 'TOOMANYREQUESTS', headers: { 'Retry-After': '5' } } })
    // The flooder was at his turn, then the other.
    expect(made.compared.length).toBe(18)
  })

  test('many clients that flood together are told to come later', async () => {
    const made = bench()
    const { promise, resolve } = Promise.withResolvers<void>()
    made.gate = promise
    const flood = Array.from({ length: 300 }, (_, index) =>
      made.checker.isRight('alice', `guess ${index}`, `c${index}`),
    )
    const settled = Promise.allSettled(flood)
    await expect(made.checker.isRight('alice', 'x', 'late')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      status: 503,
    })
    resolve()
    expect((await settled).filter(({ status }) => status === 'fulfilled')).toHaveLength(257)
  })

  test('who goes away does not wait, and the verdict is there for the next', async () => {
    const made = bench()
    const { promise, resolve } = Promise.withResolvers<void>()
    made.gate = promise
    const controller = new AbortController()
    const gone = made.checker.isRight('alice', 'secret', 'c', { signal: controller.signal })
    controller.abort(new Error('gone'))
    await expect(gone).rejects.toThrow('gone')
    resolve()
    expect(await made.checker.isRight('alice', 'secret', 'c')).toBe(true)
    expect(made.compared.length).toBeLessThanOrEqual(1)
    await expect(made.checker.isRight('alice', 'x', 'c', { signal: controller.signal })).rejects.toThrow(
      'gone',
    )
  })

  test('no two pairs of user and password are one', async () => {
    const made = bench()
    made.hashes = new Map([['a', hash]])
    expect(await made.checker.isRight('a', 'secret', 'c')).toBe(true)
    expect(await made.checker.isRight('asecret', '', 'c')).toBe(false)
    expect(await made.checker.isRight('', 'asecret', 'c')).toBe(false)
  })
})
