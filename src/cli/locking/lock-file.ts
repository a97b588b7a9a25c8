import { relative } from 'node:path'
import { asFileError, writeFileAtomically } from '../../files/index.ts'
import {
  type Lock,
  maxLockBytes,
  parseLock,
  type ReadLock,
  serializeLock,
  withUsedBy,
} from '../../lock/index.ts'
import { readFile, stat } from 'node:fs/promises'
import { LadingError } from '../../errors/index.ts'
import type { CliContext } from '../context.ts'
import { safeText } from '../render/safe-text.ts'
import { findOccurrences } from './find-occurrences.ts'
import type { Project } from './open-project.ts'

/** The lock file of a project as it is on disk. */
export interface LockFile {
  readonly text: string
  readonly read: ReadLock
}

/**
 * Reads a project's lock; undefined where there is none.
 *
 * @throws {LockFileError} with the line of what is wrong. @throws {FileError}
 */
export async function readLockFile(context: CliContext, project: Project): Promise<LockFile | undefined> {
  const bytes = await bytesOf(project.lockFile)
  if (bytes === undefined) return undefined
  return { text: bytes.toString(), read: parseLock(bytes, shownPath(context, project.lockFile)) }
}

/**
 * Reads a project's lock for work that stands on it.
 *
 * @param doing as an error says it: `pin`
 * @throws {LadingError} where there is none, or a merge left two answers in it. @throws {LockFileError} {@link FileError}
 */
export async function readSettledLock(
  context: CliContext,
  project: Project,
  doing: string,
): Promise<LockFile> {
  const hint = 'lading lock'
  const file = await readLockFile(context, project)
  if (file === undefined)
    throw new LadingError(
      'NO_LOCK',
      `Cannot ${doing}: ${shownPath(context, project.root)} has no lading.lock`,
      {
        hint,
      },
    )
  if (file.read.isConflicted)
    throw new LadingError(
      'UNSETTLED_LOCK',
      `Cannot ${doing}: ${shownPath(context, project.lockFile)} has conflict markers of a merge`,
      { hint },
    )
  return file
}

/**
 * Writes a project's lock, whole or not at all; not where it says what is there already.
 *
 * @param before what was read before the work began
 * @returns whether it was written.
 * @throws {LadingError} where somebody else wrote it meanwhile.
 */
export async function writeLockFile(
  context: CliContext,
  project: Project,
  lock: Lock,
  before: LockFile | undefined,
): Promise<boolean> {
  const text = serializeLock(lock)
  if (text === before?.text) return false
  await checkUnchanged(context, project, before)
  await writeFileAtomically(project.lockFile, text, { signal: context.signal })
  return true
}

/**
 * Brings the places up to date that a project's lock names, after its sources were edited: how a place is named may depend on the other
 * images of its file.
 */
export async function renewUsedBy(context: CliContext, project: Project): Promise<void> {
  const file = await readLockFile(context, project)
  if (file === undefined || file.read.isConflicted) return
  const { occurrences } = await findOccurrences(context, project)
  await writeLockFile(context, project, withUsedBy(file.read.lock, occurrences), file)
}

/** @throws {LadingError} where somebody else wrote the lock since it was read. */
export async function checkUnchanged(
  context: CliContext,
  project: Project,
  before: LockFile | undefined,
): Promise<void> {
  const now = await bytesOf(project.lockFile)
  if (now?.toString() === before?.text) return
  throw new LadingError(
    'CHANGED',
    `Cannot write ${shownPath(context, project.lockFile)}: it was changed meanwhile`,
    { hint: 'Run the same again.' },
  )
}

/** A path as it is shown: from the folder that the command was called in. */
export function shownPath(context: Pick<CliContext, 'directory'>, path: string): string {
  return safeText(relative(context.directory(), path) || '.')
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(path)
    // What is larger is refused by who parses it; no more of it has to be read for that.
    return size > maxLockBytes ? Buffer.alloc(maxLockBytes + 1) : await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw asFileError(`read ${path}`, error)
  }
}
