import { access, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FileError, syncDirectory, withFileLock } from '../../../files/index.ts'

/** "Ladi": tells our database from others, https://sqlite.org/pragma.html#pragma_application_id. */
const applicationId = 0x4c616469

/** The version of the tables that this code reads and writes. */
const formatVersion = 1

/** How long a connection waits for another one's lock, milliseconds. */
const busyTimeout = 10_000

/**
 * Makes the records database where it is missing: whole, with its tables and in WAL mode, or not at all. The mode is
 * part of the file from then on; to set it while somebody else opens the database answers "database is locked".
 *
 * @throws {FileError} when it cannot be made there; an error of SQLite.
 */
export async function createRecordsDatabase(
  path: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  if (await exists(path)) return
  await withFileLock(
    path,
    async () => {
      if (await exists(path)) return
      const draft = `${path}.new`
      await removeDatabase(draft)
      createTables(draft)
      await rename(draft, path)
      await syncDirectory(dirname(path))
    },
    options,
  )
}

/**
 * Opens a connection to the records database.
 *
 * @throws {FileError} when it is something else, or of a later version; an error of SQLite.
 */
export function openRecordsDatabase(
  path: string,
  { readOnly }: { readonly readOnly: boolean },
): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeout })
  try {
    if (readPragma(database, 'application_id') !== applicationId) {
      throw new FileError(`Cannot open ${path}: it is no records database of a registry`, {
        hint: 'Name another data directory, or move that file away.',
      })
    }
    const version = readPragma(database, 'user_version')
    if (version !== formatVersion) {
      throw new FileError(
        `Cannot open ${path}: its format is ${String(version)}, this Lading reads ${formatVersion}`,
        {
          hint: 'Use the Lading that wrote it, or a later one.',
        },
      )
    }
    // Checkpoints are made by the writer, after it has answered. A log that a slow reader let grow is cut down then.
    database.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 16777216')
    // Negative: KiB. A write of another connection empties this cache, the operating system's stays.
    database.exec(`PRAGMA cache_size = -8192; PRAGMA query_only = ${readOnly ? 1 : 0}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function createTables(path: string): void {
  const database = new DatabaseSync(path)
  try {
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
    if (mode !== 'wal') {
      throw new FileError(`Cannot make ${path}: its file system has no shared memory for SQLite`, {
        hint: 'Choose a data directory on a local disk.',
      })
    }
    // Keys compare by their bytes. With rowids the index holds the keys alone and listings of keys read nothing else.
    database.exec(`
      PRAGMA application_id = ${applicationId};
      PRAGMA user_version = ${formatVersion};
      PRAGMA synchronous = FULL;
      BEGIN;
      CREATE TABLE records (key TEXT PRIMARY KEY COLLATE BINARY, value BLOB NOT NULL, version INTEGER NOT NULL) STRICT;
      CREATE TABLE versions (last INTEGER NOT NULL) STRICT;
      INSERT INTO versions VALUES (0);
      CREATE TABLE ballast (filler BLOB NOT NULL) STRICT;
      INSERT INTO ballast VALUES (zeroblob(0));
      COMMIT;
    `)
  } finally {
    // The last connection brings the log into the file and removes it.
    database.close()
  }
}

async function removeDatabase(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true })
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

function readPragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name]
}
