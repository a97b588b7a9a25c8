import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryRecords } from '../../../../test/fixtures/memory-records.ts'
import type { Change, RecordStore, WriteOutcome } from './record-store.ts'
import { openSqliteRecords } from './sqlite-records.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-records-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe.each([
  ['in SQLite', async () => openSqliteRecords(join(folder, 'records.db'))],
  ['in memory', async () => createMemoryRecords()],
])('records %s', (_, open) => {
  let records: RecordStore

  beforeEach(async () => {
    records = await open()
  })

  afterEach(async () => {
    await records.close()
  })

  test('get() gives the bytes that were put, also none', async () => {
    const value = Uint8Array.from({ length: 256 }, (_value, index) => index)
    await put('a', value)
    await put('b', new Uint8Array())
    expect((await records.get('a'))?.value).toEqual(value)
    expect((await records.get('b'))?.value).toEqual(new Uint8Array())
    expect(await records.get('c')).toBeUndefined()
  })

  test('write() takes a view of a larger buffer and leaves it to its owner', async () => {
    const chunk = Buffer.from('before value after')
    await put('a', chunk.subarray(7, 12))
    expect(await text('a')).toBe('value')
    expect(chunk.toString()).toBe('before value after')
  })

  test('a value of 8 MiB comes back whole, a larger one is refused', async () => {
    const largest = new Uint8Array(8 * 1024 * 1024).fill(7)
    await put('a', largest)
    expect((await records.get('a'))?.value.length).toBe(largest.length)
    await expect(put('b', new Uint8Array(largest.length + 1))).rejects.toThrow(RangeError)
  })

  test.each(['', 'a\n', 'ä', 'a\u{0}', 'a'.repeat(1025)])('the key %j is refused', async (key) => {
    await expect(put(key, 'x')).rejects.toThrow(RangeError)
  })

  test('put with expected null makes a record once', async () => {
    expect(await put('a', '1', null)).toEqual({ done: true })
    expect(await put('a', '2', null)).toEqual({ done: false, conflict: 'a' })
    expect(await text('a')).toBe('1')
  })

  test('put with a version swaps that state only', async () => {
    await put('a', '1')
    const first = await version('a')
    expect(await put('a', '2', first)).toEqual({ done: true })
    expect(await put('a', '3', first)).toEqual({ done: false, conflict: 'a' })
    expect(await put('b', '3', first)).toEqual({ done: false, conflict: 'b' })
    expect(await text('a')).toBe('2')
  })

  test('delete with a version removes that state only, and without one whatever is there', async () => {
    await put('a', '1')
    const first = await version('a')
    await put('a', '2')
    const conflict = { done: false, conflict: 'a' }
    expect(await records.write([{ kind: 'delete', key: 'a', expected: first }])).toEqual(conflict)
    expect(await records.write([{ kind: 'delete', key: 'a' }])).toEqual({ done: true })
    expect(await records.write([{ kind: 'delete', key: 'a' }])).toEqual({ done: true })
    expect(await records.write([{ kind: 'delete', key: 'a', expected: first }])).toEqual(conflict)
    expect(await records.get('a')).toBeUndefined()
  })

  test('check lets a write go on only where the state is the expected one', async () => {
    await put('a', '1')
    const there = await version('a')
    expect(await checked('a', there)).toEqual({ done: true })
    expect(await checked('b', null)).toEqual({ done: true })
    await put('a', '1')
    expect(await checked('a', there)).toEqual({ done: false, conflict: 'a' })
    expect(await checked('a', null)).toEqual({ done: false, conflict: 'a' })
    expect(await checked('b', there)).toEqual({ done: false, conflict: 'b' })
  })

  test('a conflict leaves what comes after it undone', async () => {
    await put('a', '1')
    const outcome = await records.write([
      { kind: 'check', key: 'a', expected: null },
      { kind: 'put', key: 'b', value: Buffer.from('1') },
      { kind: 'delete', key: 'a' },
    ])
    expect(outcome).toEqual({ done: false, conflict: 'a' })
    expect(await records.listKeys({ prefix: '', limit: 10 })).toEqual(['a'])
  })

  test('a version never comes again, also when the record is made anew or put with the same bytes', async () => {
    const versions: (string | undefined)[] = []
    for (let round = 0; round < 20; round += 1) {
      await put('a', 'same')
      versions.push(await version('a'))
      if (round % 3 === 0) await records.write([{ kind: 'delete', key: 'a' }])
    }
    expect(versions).not.toContain(undefined)
    expect(new Set(versions).size).toBe(20)
  })

  test('listings are in the order of bytes', async () => {
    const keys = [
      't/a/b:1',
      't/a-b:1',
      't/a.b:1',
      't/a:1',
      't/a:V',
      't/a:v',
      't/a_b:1',
      't/A:1',
      't',
      't~',
      'u',
    ]
    for (const key of keys) await put(key, key)
    const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(await records.listKeys({ prefix: '', limit: 100 })).toEqual(sorted)
    expect(await records.listKeys({ prefix: 't/a:', limit: 100 })).toEqual(['t/a:1', 't/a:V', 't/a:v'])
    expect(await records.listKeys({ prefix: 't/', after: 't/a.b:1', limit: 2 })).toEqual(['t/a/b:1', 't/a:1'])
    expect(await records.listKeys({ prefix: 't/', after: 'a', limit: 1 })).toEqual(['t/A:1'])
    expect(await records.listKeys({ prefix: 't/', after: 'u', limit: 1 })).toEqual([])
    expect(
      (await records.list({ prefix: 't/a:', limit: 1 })).map(({ key, value }) => [key, toText(value)]),
    ).toEqual([['t/a:1', 't/a:1']])
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'a listing of %d records is refused',
    async (limit) => {
      await expect(records.listKeys({ prefix: '', limit })).rejects.toThrow(RangeError)
      await expect(records.list({ prefix: '', limit })).rejects.toThrow(RangeError)
    },
  )

  test('whatever is written, reads agree with a plain map', async () => {
    const seen = new Set<string>()
    const model = new Map<string, string>()
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 30 }), async (commands) => {
        for (const step of commands) await runCommand(step, model, seen)
        await expectToAgree(model)
      }),
      { numRuns: 40 },
    )
  })

  async function runCommand(step: Command, model: Map<string, string>, seen: Set<string>): Promise<void> {
    const before = await records.get(step.key)
    const expected =
      step.expects === 'any' ? undefined : step.expects === 'state' ? (before?.version ?? null) : 'another'
    const fails = expected === 'another'
    const change: Change =
      step.kind === 'put'
        ? { kind: 'put', key: step.key, value: Buffer.from(step.value), expected }
        : { kind: 'delete', key: step.key, expected: expected ?? undefined }
    const outcome = await records.write([change], { durable: step.durable })
    expect(outcome).toEqual(fails ? { done: false, conflict: step.key } : { done: true })
    if (fails) return
    if (step.kind === 'delete') {
      model.delete(step.key)
      return
    }
    model.set(step.key, step.value)
    const given = await version(step.key)
    expect(seen).not.toContain(given)
    seen.add(given ?? 'none')
  }

  async function expectToAgree(model: ReadonlyMap<string, string>): Promise<void> {
    for (const prefix of ['', 'a', 'a/', 'b']) {
      const expected = [...model].filter(([key]) => key.startsWith(prefix)).toSorted(byKey)
      const found: [string, string][] = []
      // Pages of two, each after the last key of the one before.
      for (;;) {
        const page = await records.list({ prefix, after: found.at(-1)?.[0], limit: 2 })
        found.push(...page.map(({ key, value }): [string, string] => [key, toText(value)]))
        if (page.length < 2) break
      }
      expect(found).toEqual(expected)
      const keys = await records.listKeys({ prefix, limit: 1000 })
      expect(keys).toEqual(expected.map(([key]) => key))
    }
  }

  async function put(
    key: string,
    value: string | Uint8Array,
    expected?: string | null,
  ): Promise<WriteOutcome> {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    return records.write([{ kind: 'put', key, value: bytes, expected }])
  }

  async function checked(key: string, expected: string | null | undefined): Promise<WriteOutcome> {
    if (expected === undefined) throw new Error('there is no version to check')
    return records.write([{ kind: 'check', key, expected }])
  }

  async function version(key: string): Promise<string | undefined> {
    return (await records.get(key))?.version
  }

  async function text(key: string): Promise<string | undefined> {
    const found = await records.get(key)
    return found === undefined ? undefined : toText(found.value)
  }
})

interface Command {
  readonly kind: 'put' | 'delete'
  readonly key: string
  readonly value: string
  readonly expects: 'any' | 'state' | 'another'
  readonly durable: boolean
}

const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.constantFrom('put', 'put', 'delete'),
  key: fc.constantFrom('a', 'a-b', 'a.b', 'a/b', 'a/b/c', 'a/b-c', 'a0', 'aB', 'b', 'b~', 'a/~'),
  value: fc.string({ maxLength: 8 }),
  expects: fc.constantFrom('any', 'state', 'another'),
  durable: fc.boolean(),
})

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function toText(value: Uint8Array): string {
  return Buffer.from(value).toString()
}
