import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileError } from '../../../files/index.ts'
import type { Change, RecordStore } from './record-store.ts'
import { openSqliteRecords } from './sqlite-records.ts'

let folder: string
let path: string
const opened: RecordStore[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-records-'))
  path = join(folder, 'records.db')
})

afterEach(async () => {
  for (const records of opened.splice(0)) await records.close()
  await rm(folder, { recursive: true, force: true })
})

describe('a write', () => {
  test('is all or nothing', async () => {
    const records = await open()
    await records.write([put('c')])
    const outcome = await records.write([
      put('a'),
      { kind: 'delete', key: 'c' },
      put('b'),
      { ...put('c'), expected: 'x' },
    ])
    expect(outcome).toEqual({ done: false, conflict: 'c' })
    expect(await allKeys(records)).toEqual(['c'])
  })

  test('sees what its own earlier changes did', async () => {
    const records = await open()
    await records.write([put('a')])
    expect(
      await records.write([
        { kind: 'delete', key: 'a' },
        { ...put('a', 'new'), expected: null },
      ]),
    ).toEqual({
      done: true,
    })
    expect(await records.write([put('b'), { ...put('b'), expected: null }])).toEqual({
      done: false,
      conflict: 'b',
    })
    expect(await allKeys(records)).toEqual(['a'])
  })

  test('that fails does not fail those that are written with it', async () => {
    const records = await open()
    const outcomes = await Promise.all(
      Array.from({ length: 300 }, async (_, index) =>
        records.write([put(`own/${index}`), { ...put(`shared/${index % 100}`), expected: null }]),
      ),
    )
    const done = outcomes.flatMap((outcome, index) => (outcome.done ? [`own/${index}`] : []))
    expect(done).toHaveLength(100)
    expect(await records.listKeys({ prefix: 'own/', limit: 1000 })).toEqual(done.toSorted())
  })

  test('does not hold up reads while it waits for the disk or for another process', async () => {
    const records = await open()
    await records.write([put('a', '1')])
    using other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    let isWritten = false
    const writing = records.write([put('a', '2')]).finally(() => {
      isWritten = true
    })
    for (let count = 0; count < 100; count += 1)
      expect(Buffer.from((await records.get('a'))?.value ?? [])).toEqual(Buffer.from('1'))
    expect(isWritten).toBe(false)
    other.exec('COMMIT')
    await writing
    expect(Buffer.from((await records.get('a'))?.value ?? []).toString()).toBe('2')
  })
})

describe('several processes', () => {
  test('that open a new database at once find the same one', async () => {
    const stores = await Promise.all(Array.from({ length: 6 }, open))
    await Promise.all(stores.map(async (records, index) => records.write([put(`key/${index}`)])))
    for (const records of stores) expect(await allKeys(records)).toHaveLength(6)
  })

  test('lose no compare-and-swap of each other, and no version comes twice', async () => {
    const writers = Array.from({ length: 4 }, async () => finish(run('increment', path, 'count', '500')))
    expect(await Promise.all(writers)).toEqual(['', '', '', ''])
    const count = await (await open()).get('count')
    expect(Buffer.from(count?.value ?? []).toString()).toBe('2000')
    expect(count?.version).toBe('2000')
  }, 60_000)

  test('that are killed lose nothing that was acknowledged', async () => {
    const writer = run('append', path)
    const acknowledged: string[] = []
    writer.stdout.setEncoding('utf8')
    for await (const lines of writer.stdout) {
      acknowledged.push(
        ...String(lines)
          .split('\n')
          .filter((line) => line !== ''),
      )
      if (acknowledged.length > 500) writer.kill('SIGKILL')
    }
    const kept = new Set(await allKeys(await open()))
    // The last line may have been cut off by the kill.
    expect(acknowledged.slice(0, -1).filter((key) => !kept.has(key))).toEqual([])
  })
})

describe('the log', () => {
  test('stays short while much is written and read', async () => {
    const records = await open()
    for (let count = 0; count < 80; count += 1) {
      await records.write([large(count, 512)], { durable: false })
      await records.list({ prefix: 'large', limit: 4 })
    }
    expect(await logSize()).toBeLessThan(12 * mebibyte)
  })

  test('is cut down when a reader that let it grow is gone', async () => {
    const records = await open()
    using reader = new DatabaseSync(path)
    reader.exec('BEGIN; SELECT count(*) FROM records')
    for (let count = 0; count < 24; count += 1) await records.write([large(count, 1024)], { durable: false })
    expect(await logSize()).toBeGreaterThan(20 * mebibyte)
    reader.exec('COMMIT')
    for (let count = 0; count < 16; count += 1) await records.write([large(count, 1024)], { durable: false })
    expect(await logSize()).toBeLessThanOrEqual(16 * mebibyte)
  })
})

describe('close()', () => {
  test('waits for the writes that were begun, and leaves one file', async () => {
    const records = await open()
    const writing = Array.from({ length: 50 }, async (_, index) => records.write([put(`key/${index}`)]))
    await records.close()
    expect(await Promise.all(writing)).toEqual(writing.map(() => ({ done: true })))
    expect(await readdir(folder)).toEqual(['.records.db.lock', 'records.db'])
    expect(await allKeys(await open())).toHaveLength(50)
  })

  test('ends reads and writes', async () => {
    const records = await open()
    await Promise.all([records.close(), records.close()])
    await expect(records.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 })
    await expect(records.listKeys({ prefix: '', limit: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(records.write([put('a')])).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})

describe('openSqliteRecords() refuses', () => {
  test('a file that is no database', async () => {
    await writeFile(
      path,
      'something that somebody wants to keep, longer than the head of a database'.repeat(20),
    )
    await expect(openSqliteRecords(path)).rejects.toThrow(FileError)
  })

  test('the database of something else', async () => {
    using other = new DatabaseSync(path)
    other.exec('CREATE TABLE records (key)')
    await expect(openSqliteRecords(path)).rejects.toThrow('it is no records database of a registry')
  })

  test('the database of a later version', async () => {
    await (await openSqliteRecords(path)).close()
    using later = new DatabaseSync(path)
    later.exec('PRAGMA user_version = 2')
    await expect(openSqliteRecords(path)).rejects.toThrow('its format is 2, this Lading reads 1')
  })

  test('a directory', async () => {
    await mkdir(path)
    await expect(openSqliteRecords(path)).rejects.toThrow(`Cannot open ${path}`)
  })

  test('a folder that is not there', async () => {
    await expect(openSqliteRecords(join(folder, 'missing', 'records.db'))).rejects.toThrow(FileError)
  })
})

const mebibyte = 1024 * 1024

async function logSize(): Promise<number> {
  return (await stat(`${path}-wal`)).size
}

/** One record, in other bytes for each number: SQLite does not write what is there. */
function large(number: number, kibibytes: number): Change {
  return { kind: 'put', key: 'large', value: Buffer.alloc(kibibytes * 1024, number) }
}

async function open(): Promise<RecordStore> {
  const records = await openSqliteRecords(path)
  opened.push(records)
  return records
}

async function allKeys(records: RecordStore): Promise<readonly string[]> {
  return records.listKeys({ prefix: '', limit: 1_000_000 })
}

function put(
  key: string,
  value = 'x',
): { readonly kind: 'put'; readonly key: string; readonly value: Uint8Array } {
  return { kind: 'put', key, value: Buffer.from(value) }
}

/** Waits for the end of a process, and gives what it complained of. */
async function finish(child: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
  child.stdout.resume()
  const [, errors] = await Promise.all([once(child, 'close'), text(child.stderr)])
  return child.exitCode === 0 ? errors : `${child.exitCode}: ${errors}`
}

function run(...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const script = join(import.meta.dirname, '../../../../test/fixtures/write-records.ts')
  return spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}
