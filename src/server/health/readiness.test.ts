import { describe, expect, test } from 'vitest'
import { createMemoryRecords } from '../../../test/fixtures/memory-records.ts'
import type { RecordStore } from '../storage/records/record-store.ts'
import { createReadiness, type ReadinessOptions } from './readiness.ts'

describe('createReadiness()', () => {
  test('is ready when the store takes a write and gives it back', async () => {
    const records = createMemoryRecords()
    expect(await readiness({ records })()).toEqual({ ready: true, reason: 'ok' })
    expect(records.stepsDone).toBe(1)
  })

  test('is not ready when the store fails, tells why to the log and nothing of it to the client', async () => {
    const records = createMemoryRecords()
    records.crashAfter(0)
    const failures: unknown[] = []
    const ready = readiness({ records, onFailure: (error) => failures.push(error) })
    expect(await ready()).toEqual({ ready: false, reason: 'the store does not answer' })
    expect(failures).toHaveLength(1)
  })

  test('is not ready when what was written cannot be read', async () => {
    const records: RecordStore = { ...createMemoryRecords(), get: () => Promise.resolve(undefined) }
    expect(await readiness({ records })()).toMatchObject({ ready: false })
  })

  test('writes once a second, however often it is asked', async () => {
    const records = createMemoryRecords()
    let now = 0
    const ready = readiness({ records, now: () => now })
    await Promise.all([ready(), ready(), ready()])
    now = 999
    await ready()
    expect(records.stepsDone).toBe(1)
    now = 1000
    await ready()
    expect(records.stepsDone).toBe(2)
  })

  test('is not ready when the server is about to stop, and asks nobody', async () => {
    const records = createMemoryRecords()
    expect(await readiness({ records, isStopping: () => true })()).toEqual({
      ready: false,
      reason: 'stopping',
    })
    expect(records.stepsDone).toBe(0)
  })
})

function readiness(options: Partial<ReadinessOptions> = {}): ReturnType<typeof createReadiness> {
  return createReadiness({
    records: createMemoryRecords(),
    isStopping: () => false,
    now: () => 0,
    onFailure: () => undefined,
    ...options,
  })
}
