import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWriteApplier, type WriteApplier } from './apply-writes.ts'
import { createRecordsDatabase, openRecordsDatabase } from './open-records-database.ts'
import { asRecordsError } from './sqlite-fault.ts'
import type { QueuedWrite, WriteAnswer } from './writer-messages.ts'

let folder: string
let database: DatabaseSync
let applier: WriteApplier

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-records-'))
  await createRecordsDatabase(join(folder, 'records.db'))
  database = openRecordsDatabase(join(folder, 'records.db'), { readOnly: false })
  applier = createWriteApplier(database)
})

afterEach(async () => {
  database.close()
  await rm(folder, { recursive: true, force: true })
})

test('where there is no room, the writes that need it fail and the others are done', () => {
  expect(outcomes(applier.apply([write(1, 'before')]))).toEqual(['1 done'])
  limitPages(20)
  expect(outcomes(applier.apply([write(2, 'a'), write(3, 'b', 200_000), write(4, 'before')]))).toEqual([
    '2 done',
    '3 failed',
    '4 done',
  ])
  expect(keys()).toEqual(['a', 'before'])
})

test('a full disk is told as such, and the next write works when there is room again', () => {
  limitPages(20)
  const [answer] = applier.apply([write(1, 'a', 200_000)])
  if (answer?.outcome !== 'failed') throw new Error('the write did not fail')
  expect(asRecordsError('write records', answer.fault)).toMatchObject({
    code: 'UNAVAILABLE',
    status: 503,
    message: "Cannot write records: the registry's disk is full",
  })
  expect(database.isTransaction).toBe(false)
  limitPages(1_000)
  expect(outcomes(applier.apply([write(2, 'a', 200_000)]))).toEqual(['2 done'])
  expect(keys()).toEqual(['a'])
})

test('a database that cannot be written is told as such', () => {
  database.exec('PRAGMA query_only = 1')
  const answers = applier.apply([write(1, 'a'), write(2, 'b')])
  expect(outcomes(answers)).toEqual(['1 failed', '2 failed'])
  const [answer] = answers
  if (answer?.outcome !== 'failed') throw new Error('the write did not fail')
  expect(asRecordsError('write records', answer.fault).message).toBe(
    "Cannot write records: the registry's disk is read-only",
  )
})

test('only writes that have to outlive a loss of power are synced', () => {
  applier.apply([{ ...write(1, 'a'), durable: false }])
  expect(synchronous()).toBe(1)
  applier.apply([
    { ...write(2, 'b'), durable: false },
    { ...write(3, 'c'), durable: true },
  ])
  expect(synchronous()).toBe(2)
})

function write(id: number, key: string, size = 10): QueuedWrite {
  return { id, changes: [{ kind: 'put', key, value: Buffer.alloc(size, id) }], durable: true }
}

function limitPages(count: number): void {
  database.exec(`PRAGMA max_page_count = ${count}`)
}

function keys(): unknown[] {
  return database
    .prepare('SELECT key FROM records ORDER BY key')
    .all()
    .map(({ key }) => key)
}

/** 1 is NORMAL, 2 is FULL. */
function synchronous(): unknown {
  return database.prepare('PRAGMA synchronous').get()?.['synchronous']
}

function outcomes(answers: readonly WriteAnswer[]): readonly string[] {
  return answers.map(({ id, outcome }) => `${id} ${outcome}`)
}
