import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { FileError } from './file-error.ts'

/** What the wait for a lock accepts. */
export interface ProcessLockOptions {
  readonly signal?: AbortSignal | undefined
  /** Called once, before the first wait. */
  readonly onWait?: (() => void) | undefined
}

/**
 * Waits until this process holds the lock on the file at `path`, which is made if it is missing.
 *
 * Node.js gives no access to the operating system's locks, but SQLite takes one on its database file
 * (https://sqlite.org/lockingv3.html): a transaction that is begun IMMEDIATE holds the RESERVED lock, which
 * only one connection can have, and writes nothing. The kernel releases it with the process.
 *
 * @throws {FileError} when the file cannot be opened or locked, or is something else.
 */
export async function acquireProcessLock(path: string, options: ProcessLockOptions): Promise<Disposable> {
  const { DatabaseSync } = await import('node:sqlite')
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted()
    // Opened anew each time, so that a lock file that was removed meanwhile is not waited for.
    const lock = tryLock(path, (file) => new DatabaseSync(file))
    if (lock !== undefined) return { [Symbol.dispose]: () => lock.close() }
    if (attempt === 0) options.onWait?.()
    await pause(attempt, options.signal)
  }
}

function tryLock(path: string, open: (path: string) => DatabaseSync): DatabaseSync | undefined {
  let database: DatabaseSync | undefined
  try {
    database = open(path)
    // Nothing is ever written, so no journal has to lie beside the lock.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE')
    return database
  } catch (error) {
    database?.close()
    if (resultCode(error) === busy) return undefined
    throw lockError(path, error)
  }
}

/** From 2 ms, growing to 50 ms, each time a random part less: those who wait do not all come back at once. */
async function pause(attempt: number, signal: AbortSignal | undefined): Promise<void> {
  const longest = Math.min(50, 2 * 1.5 ** attempt)
  try {
    await sleep(longest * (0.5 + Math.random() / 2), undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** Primary result codes, https://sqlite.org/rescode.html. */
const busy = 5
const readOnly = 8
const cannotOpen = 14
const notADatabase = 26

function lockError(path: string, cause: unknown): FileError {
  const code = resultCode(cause)
  if (code === notADatabase) {
    return new FileError(`Cannot lock: ${path} is not a lock file`, { hint: 'Move that file away.', cause })
  }
  if (code === cannotOpen || code === readOnly) {
    const hint = 'Check who owns the directory and that it can be written to.'
    return new FileError(`Cannot lock: ${path} cannot be written`, { hint, cause })
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  const hint = 'The file system may know no locks; choose a place on another one.'
  return new FileError(`Cannot lock ${path}: ${reason}`, { hint, cause })
}

/** SQLite's primary result code; the higher bits of an extended one are left out. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}
