import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepRoomInLog } from './keep-room-in-log.ts'
import { createRecordsDatabase, openRecordsDatabase } from './open-records-database.ts'

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

test('some hundred writes then need no more of the disk', async () => {
  using database = openRecordsDatabase(path, { readOnly: false })
  keepRoomInLog(database, path)
  const before = await sizes()
  const put = database.prepare('INSERT INTO records VALUES (?, ?, 1)')
  const remove = database.prepare('DELETE FROM records WHERE key = ?')
  for (let number = 0; number < 50; number += 1) put.run(`key/${number}`, Buffer.alloc(500, number))
  for (let number = 0; number < 50; number += 1) remove.run(`key/${number}`)
  database.exec('PRAGMA wal_checkpoint(PASSIVE)')
  expect(await sizes()).toEqual(before)
})

test('what another process holds is left for the next start', async () => {
  using other = new DatabaseSync(path)
  using database = openRecordsDatabase(path, { readOnly: false })
  database.exec('PRAGMA busy_timeout = 0')
  other.exec('BEGIN IMMEDIATE')
  keepRoomInLog(database, path)
  expect((await stat(`${path}-wal`)).size).toBe(0)
  other.exec('COMMIT')
})

async function sizes(): Promise<readonly number[]> {
  return [(await stat(path)).size, (await stat(`${path}-wal`)).size]
}
