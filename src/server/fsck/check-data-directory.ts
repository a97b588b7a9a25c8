import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { OperationOptions } from '../../content/index.ts'
import { asFileError, FileError } from '../../files/index.ts'
import { openStorage } from '../storage/open-storage.ts'
import { checkStorage } from './check-storage.ts'
import type { FsckCounts, FsckProgress } from './fsck-progress.ts'
import { createFileChecker } from './file-checker.ts'
import type { Finding } from './finding.ts'

/** Options of {@link checkDataDirectory}. */
export interface CheckDataDirectoryOptions extends OperationOptions {
  readonly onProgress?: ((progress: FsckProgress) => void) | undefined
}

/**
 * Checks all that is in a registry's data directory, beside a server that runs on it or without one, and repairs
 * nothing. Gives what is wrong as it is found, and at last what was looked at.
 *
 * @throws {FileError} when there is no registry's data.
 * @throws {ProtocolError} UNAVAILABLE when the disk, or the database of records, cannot be read.
 */
export async function* checkDataDirectory(
  directory: string,
  options: CheckDataDirectoryOptions = {},
): AsyncGenerator<Finding, FsckCounts, void> {
  options.signal?.throwIfAborted()
  for (const name of ['format.json', 'records.db']) await demandFile(directory, name)
  const opened = await openStorage(directory, { signal: options.signal })
  const checker = createFileChecker(directory)
  try {
    return yield* checkStorage({ ...options, records: opened.records, blobs: opened.blobs, checker })
  } finally {
    await checker.close()
    await opened.close()
  }
}

/** Opening makes what is missing: what should have been there would look like an empty registry. */
async function demandFile(directory: string, name: string): Promise<void> {
  try {
    await stat(join(directory, name))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      throw asFileError(`read ${join(directory, name)}`, error)
    throw new FileError(`Cannot check ${directory}: it holds no registry (there is no ${name})`, {
      hint: 'lading fsck --data DIR, with the folder that lading serve was given',
      cause: error,
    })
  }
}
