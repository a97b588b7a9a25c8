import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createRecordCache } from './record-cache.ts'
import type { StoredRecord } from './record-store.ts'

/** A reader whose records are changed by hand, and that counts what it is asked. */
function countingReader(): {
  readonly records: Map<string, StoredRecord>
  readonly asked: { gets: number; versions: number }
  version: number
  get(key: string): StoredRecord | undefined
  dataVersion(): number
} {
  const records = new Map<string, StoredRecord>()
  const asked = { gets: 0, versions: 0 }
  return {
    records,
    asked,
    version: 1,
    get(key) {
      asked.gets += 1
      return records.get(key)
    },
    dataVersion() {
      asked.versions += 1
      return this.version
    },
  }
}

function record(key: string, version: string, bytes = 1): StoredRecord {
  return { key, version, value: new Uint8Array(bytes) }
}

test('a record is read once while nobody writes, in one turn and in later ones', async () => {
  const reader = countingReader()
  reader.records.set('a', record('a', '1'))
  const cache = createRecordCache(reader)
  cache.get('a')
  expect(cache.get('a')?.version).toBe('1')
  await turn()
  expect(cache.get('a')?.version).toBe('1')
  expect(reader.asked).toEqual({ gets: 1, versions: 2 })
})

test('what another connection wrote is seen in the next turn', async () => {
  const reader = countingReader()
  reader.records.set('a', record('a', '1'))
  const cache = createRecordCache(reader)
  cache.get('a')
  reader.records.set('a', record('a', '2'))
  reader.version += 1
  await turn()
  expect(cache.get('a')?.version).toBe('2')
})

test('what this process wrote is seen in the same turn', () => {
  const reader = countingReader()
  reader.records.set('a', record('a', '1'))
  const cache = createRecordCache(reader)
  cache.get('a')
  reader.records.delete('a')
  reader.version += 1
  cache.expire()
  expect(cache.get('a')).toBeUndefined()
})

test('a key without a record is asked for each time', () => {
  const reader = countingReader()
  const cache = createRecordCache(reader)
  cache.get('a')
  cache.get('a')
  expect(reader.asked.gets).toBe(2)
})

test('large values are not kept, and many small ones push out the oldest', () => {
  const reader = countingReader()
  reader.records.set('large', record('large', '1', (1 << 16) + 1))
  for (let number = 0; number < 600; number += 1) {
    reader.records.set(`r${number}`, record(`r${number}`, '1', 1 << 16))
  }
  const cache = createRecordCache(reader)
  for (const key of reader.records.keys()) cache.get(key)
  reader.asked.gets = 0
  cache.get('large')
  cache.get('r0')
  expect(reader.asked.gets).toBe(2)
  cache.get('r599')
  expect(reader.asked.gets).toBe(2)
})
