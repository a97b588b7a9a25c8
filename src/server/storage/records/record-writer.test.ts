import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startWorker } from '../start-worker.ts'
import { createRecordsDatabase } from './open-records-database.ts'
import { createRecordWriter } from './record-writer.ts'
import type { Change } from './record-store.ts'
import type { WriterData } from './writer-messages.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-records-'))
  path = join(folder, 'records.db')
  await createRecordsDatabase(path)
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const changes: readonly Change[] = [{ kind: 'put', key: 'a', value: Buffer.from('1') }]

test.each([
  [
    'throws',
    `require('node:worker_threads').parentPort.on('message', () => { throw new Error('broken') })`,
    { message: 'broken' },
  ],
  [
    'ends',
    `require('node:worker_threads').parentPort.on('message', () => process.exit(3))`,
    { message: 'the thread ended by itself, with exit code 3' },
  ],
  ['does not start', `throw new Error('no database')`, { message: 'no database' }],
])(
  'when its thread %s, every write that waits is rejected, and the next one starts another',
  async (_, code, cause) => {
    let started = 0
    const start = (workerData: WriterData): Worker => {
      started += 1
      return started === 1
        ? new Worker(code, { eval: true })
        : startWorker(import.meta.url, 'record-writer', { workerData })
    }
    const writer = createRecordWriter(path, { start })
    const waiting = await Promise.allSettled([writer.write(changes, true), writer.write(changes, true)])
    for (const write of waiting) {
      expect(write).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE', status: 503, cause } })
    }
    expect(await writer.write(changes, true)).toEqual({ done: true })
    expect(started).toBe(2)
    await writer.close()
    await expect(writer.write(changes, true)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  },
)

test('close() ends also when the thread is gone', async () => {
  const writer = createRecordWriter(path, { start: () => new Worker('', { eval: true }) })
  await expect(writer.write(changes, true)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await writer.close()
})
