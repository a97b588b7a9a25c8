import { expect, test } from 'vitest'
import { createMemoryRecords } from '../../../test/fixtures/memory-records.ts'
import { measureRecords, type StoreOperation } from './measure-operations.ts'

test('measureRecords() tells of each operation when it is over, and whether it was done', async () => {
  const told: StoreOperation[] = []
  const memory = createMemoryRecords()
  const records = measureRecords(memory, (operation) => told.push(operation))
  await records.write([{ kind: 'put', key: 'a', value: Buffer.from('1') }])
  expect(await records.write([{ kind: 'check', key: 'a', expected: null }])).toEqual({
    done: false,
    conflict: 'a',
  })
  expect(await records.listKeys({ prefix: '', limit: 1 })).toEqual(['a'])
  memory.crashAfter(0)
  await expect(records.write([{ kind: 'delete', key: 'a' }])).rejects.toThrow('crashed')
  expect(told.map(({ store, operation, ok }) => `${store} ${operation} ${ok}`)).toEqual([
    'records write true',
    'records write true',
    'records listKeys true',
    'records write false',
  ])
  expect(told.every(({ seconds }) => seconds >= 0)).toBe(true)
})
