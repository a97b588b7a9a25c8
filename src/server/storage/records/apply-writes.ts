import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Change } from './record-store.ts'
import { sqliteFault } from './sqlite-fault.ts'
import type { QueuedWrite, WriteAnswer } from './writer-messages.ts'

/** Applies writes to the records database. */
export interface WriteApplier {
  /**
   * Does all writes in one transaction, each of them whole or not at all, and answers when it is committed. Where the
   * transaction fails, each write is tried in one of its own, so that nobody fails for somebody else's write.
   */
  apply(writes: readonly QueuedWrite[]): readonly WriteAnswer[]
}

/** Another process kept the database locked for all the time that a write waits; the next would wait as long. */
const busy = 5

interface Statements {
  readonly findVersion: StatementSync
  readonly put: StatementSync
  readonly delete: StatementSync
  readonly readLastVersion: StatementSync
  readonly setLastVersion: StatementSync
}

/** @param database As openRecordsDatabase() gives it, used by nobody else. */
export function createWriteApplier(database: DatabaseSync): WriteApplier {
  const statements: Statements = {
    findVersion: database.prepare('SELECT version FROM records WHERE key = ?'),
    put: database.prepare(
      `INSERT INTO records (key, value, version) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version`,
    ),
    delete: database.prepare('DELETE FROM records WHERE key = ?'),
    readLastVersion: database.prepare('SELECT last FROM versions'),
    setLastVersion: database.prepare('UPDATE versions SET last = ?'),
  }
  let synchronous: 'FULL' | 'NORMAL' | undefined

  function setSynchronous(wanted: 'FULL' | 'NORMAL'): void {
    if (synchronous !== wanted) database.exec(`PRAGMA synchronous = ${wanted}`)
    synchronous = wanted
  }

  function apply(writes: readonly QueuedWrite[]): readonly WriteAnswer[] {
    try {
      // FULL syncs the log at each commit, NORMAL leaves that to the operating system: https://sqlite.org/wal.html
      setSynchronous(writes.some(({ durable }) => durable) ? 'FULL' : 'NORMAL')
      return inTransaction(database, () => applyAll(statements, writes))
    } catch (error) {
      const fault = sqliteFault(error)
      if (writes.length > 1 && fault.resultCode !== busy) return writes.flatMap((write) => apply([write]))
      return writes.map(({ id }) => ({ id, outcome: 'failed', fault }))
    }
  }

  return { apply }
}

function applyAll(statements: Statements, writes: readonly QueuedWrite[]): readonly WriteAnswer[] {
  const before = readLastVersion(statements)
  let version = before
  const answers = writes.map(({ id, changes }): WriteAnswer => {
    const conflict = findConflict(statements, changes)
    if (conflict !== undefined) return { id, outcome: 'conflict', key: conflict }
    for (const change of changes) {
      if (change.kind === 'put') statements.put.run(change.key, change.value, (version += 1))
      else if (change.kind === 'delete') statements.delete.run(change.key)
    }
    return { id, outcome: 'done' }
  })
  // Counted in a row of its own, so that no version comes again when the record that had it is deleted.
  if (version !== before) statements.setLastVersion.run(version)
  return answers
}

/** The key of the first change whose expectation fails when the changes are done in their order. */
function findConflict(statements: Statements, changes: readonly Change[]): string | undefined {
  // What earlier changes of the same write made of a record; nobody can know the version that a put will give.
  const touched = new Map<string, 'put' | 'deleted'>()
  for (const { key, kind, expected } of changes) {
    if (expected !== undefined) {
      const before = touched.get(key)
      const holds =
        before === undefined
          ? findVersion(statements, key) === expected
          : before === 'deleted' && expected === null
      if (!holds) return key
    }
    if (kind !== 'check') touched.set(key, kind === 'put' ? 'put' : 'deleted')
  }
  return undefined
}

function findVersion(statements: Statements, key: string): string | null {
  const row = statements.findVersion.get(key)
  return row === undefined ? null : String(row['version'])
}

function readLastVersion(statements: Statements): number {
  const last = statements.readLastVersion.get()?.['last']
  if (typeof last !== 'number') throw new TypeError('the records database has lost its version counter')
  return last
}

function inTransaction<Result>(database: DatabaseSync, action: () => Result): Result {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = action()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // SQLite ends the transaction by itself after some errors, a full disk among them.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
