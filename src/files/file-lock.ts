import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { asFileError } from './file-error.ts'
import { inTurn } from './in-turn.ts'
import { acquireProcessLock } from './process-lock.ts'
import { resolveLinks } from './resolve-links.ts'

/** Options of {@link withFileLock}. */
export interface FileLockOptions {
  /** Ends the wait for the lock; the action has to look at its signal itself. */
  readonly signal?: AbortSignal | undefined
  /** Called once, before the first wait for another process. */
  readonly onWait?: (() => void) | undefined
}

/**
 * Runs `action` while no other process, and nobody else in this one, runs an action under the lock of the
 * same file. The file itself need not exist and is not touched; symbolic links to it share its lock.
 *
 * The lock is that of the operating system, held through SQLite on an empty file `.<name>.lock` beside the
 * one that is guarded: the kernel gives it free when its holder dies, however it dies. That file stays, on
 * purpose: to remove it while another process waits for it would let two in.
 *
 * A lock must not be taken again inside its own action: that waits for ever (or for `signal`).
 *
 * @throws {FileError} when the lock's file cannot be made, or its file system knows no locks.
 */
export async function withFileLock<Result>(
  path: string,
  action: () => Promise<Result>,
  options: FileLockOptions = {},
): Promise<Result> {
  options.signal?.throwIfAborted()
  const lockPath = await lockPathFor(path)
  return inTurn(lockPath, options.signal, async () => {
    const lock = await acquireProcessLock(lockPath, options)
    try {
      return await action()
    } finally {
      lock[Symbol.dispose]()
    }
  })
}

/** One path however the file is reached, so that everybody meets at the same lock. */
async function lockPathFor(path: string): Promise<string> {
  try {
    const target = await resolveLinks(path)
    return join(await realpath(dirname(target)), `.${basename(target)}.lock`)
  } catch (error) {
    throw asFileError(`lock ${path}`, error)
  }
}
