import { expect, test } from 'vitest'
import { collectionTimes } from './collection-times.ts'

test('times are in milliseconds', () => {
  expect(collectionTimes({ gracePeriodSeconds: 3, intervalSeconds: 0 })).toEqual({
    graceMs: 3000,
    condemnedMs: 600_000,
    uploadExpiryMs: 86_400_000,
    intervalMs: 0,
  })
})

test('no interval is longer than the longest timer, which would go off at once', () => {
  expect(collectionTimes({ intervalSeconds: 100 * 86_400 }).intervalMs).toBe(2 ** 31 - 1)
})
