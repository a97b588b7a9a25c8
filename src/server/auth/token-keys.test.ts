import { exportJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { createMemoryRecords } from '../../../test/fixtures/memory-records.ts'
import { createTokenKeys, type TokenKeys } from './token-keys.ts'
import type { RecordStore } from '../storage/records/record-store.ts'

const day = 24 * 60 * 60 * 1000
const today = Date.UTC(2026, 4, 4) / day

/** Keys on a store, by a clock that tests set. */
function keysOn(records: RecordStore, clock: { time: number }): TokenKeys {
  return createTokenKeys({ records, now: () => clock.time, graceMilliseconds: 300_000 })
}

describe('createTokenKeys()', () => {
  test('two processes that start at once on one store sign with one key', async () => {
    const records = createMemoryRecords()
    const clock = { time: today * day }
    const processes = [keysOn(records, clock), keysOn(records, clock), keysOn(records, clock)]
    const keys = await Promise.all(processes.map((one) => one.current()))
    expect(new Set(keys.map(({ kid }) => kid))).toEqual(new Set([String(today)]))
    expect([...records.snapshot().keys()]).toEqual([`keys/tokens/${today}`])
    const found = await Promise.all(processes.map((one) => one.find(String(today))))
    const published = await Promise.all(found.map(async (key) => key && (await exportJWK(key)).x))
    expect(new Set(published).size).toBe(1)
  })

  test('asks the store once for many that need the key at once', async () => {
    const records = createMemoryRecords()
    const keys = keysOn(records, { time: today * day })
    const given = await Promise.all(Array.from({ length: 10 }, () => keys.current()))
    expect(new Set(given.map(({ privateKey }) => privateKey)).size).toBe(1)
    expect(records.stepsDone).toBe(1)
  })

  test('takes a new key each day; the one before is good until its last token is not', async () => {
    const records = createMemoryRecords()
    const clock = { time: (today + 1) * day - 1 }
    const keys = keysOn(records, clock)
    const before = await keys.current()
    clock.time += 1
    const after = await keys.current()
    expect(after.kid).not.toBe(before.kid)
    expect(await keys.find(before.kid)).toBeDefined()
    clock.time += 300_000
    expect(await keys.find(before.kid)).toBeDefined()
    clock.time += 60_000
    expect(await keys.find(before.kid)).toBeUndefined()
    expect(await keys.find(after.kid)).toBeDefined()
  })

  test('removes keys that no token needs', async () => {
    const records = createMemoryRecords()
    const clock = { time: today * day }
    const keys = keysOn(records, clock)
    for (let count = 0; count < 5; count += 1) {
      await keys.current()
      clock.time += day
    }
    expect([...records.snapshot().keys()]).toEqual([2, 3, 4].map((days) => `keys/tokens/${today + days}`))
  })

  test.each([
    '',
    '0',
    '-1',
    '1e4',
    ' 20577',
    '020577',
    '../blobs',
    'x'.repeat(2000),
    '99999999',
    `${today + 2}`,
  ])('finds no key %j', async (kid) => {
    const records = createMemoryRecords()
    const keys = keysOn(records, { time: today * day })
    await keys.current()
    expect(await keys.find(kid)).toBeUndefined()
  })

  test('a key in the store that is none is an error that repeats nothing of it', async () => {
    const records = createMemoryRecords()
    const value = Buffer.from('{"kty":"oct","k":"c2VjcmV0"}')
    await records.write([{ kind: 'put', key: `keys/tokens/${today}`, value }])
    const keys = keysOn(records, { time: today * day })
    await expect(keys.current()).rejects.toThrow('a key of tokens in the store cannot be read')
    await expect(keys.find(String(today))).rejects.not.toThrow(/c2Vj/)
  })
})
