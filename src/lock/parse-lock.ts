import { conflictSides, UnevenConflictError } from './conflict-sides.ts'
import type { Lock } from './lock.ts'
import { LockFileError } from './lock-file-error.ts'
import { mergeSides } from './merge-sides.ts'
import { parseLockText } from './parse-lock-text.ts'

/** The most bytes of a lock file; some thousands of images. */
export const maxLockBytes: number = 4 * 1024 * 1024

/** A lock file that was read. */
export interface ReadLock {
  readonly lock: Lock
  /** Images that the two sides of a merge disagree about, to be looked up again; empty where the file has no conflict markers. */
  readonly unsettled: ReadonlySet<string>
  /** Whether the file has conflict markers, whatever they are about. */
  readonly isConflicted: boolean
}

/**
 * Reads the bytes of a lock file, strictly: another version, an unknown key, an alias, a key that is there twice, a digest that is none
 * are refused with their line. Where a merge left conflict markers both sides are read.
 *
 * @param file as a person reads it
 * @throws {LockFileError}
 */
export function parseLock(bytes: Uint8Array, file: string): ReadLock {
  const text = decoded(bytes, file)
  const sides = sidesOf(text, file)
  if (sides === undefined)
    return { lock: parseLockText(text, file), unsettled: new Set(), isConflicted: false }
  const [ours, theirs] = sides
  return { ...mergeSides(parseLockText(ours, file), parseLockText(theirs, file)), isConflicted: true }
}

function decoded(bytes: Uint8Array, file: string): string {
  if (bytes.length > maxLockBytes)
    throw new LockFileError(file, `it has ${bytes.length} bytes, more than the ${maxLockBytes} that are read`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new LockFileError(file, 'it is not UTF-8', undefined, { cause })
  }
}

function sidesOf(text: string, file: string): readonly [string, string] | undefined {
  try {
    return conflictSides(text)
  } catch (error) {
    if (!(error instanceof UnevenConflictError)) throw error
    throw new LockFileError(file, error.message, { line: error.line, column: 1 }, { cause: error })
  }
}
