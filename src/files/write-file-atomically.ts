import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { asFileError, fileErrorCode } from './file-error.ts'
import { pipeInto } from './pipe-into.ts'
import { resolveLinks } from './resolve-links.ts'
import { openTemporaryFile, type TemporaryFile } from './temporary-file.ts'

/** Options of {@link writeFileAtomically}. */
export interface WriteFileOptions {
  /** Permissions. Default: those of the file that is there, else 0666 less the umask. */
  readonly mode?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes a file whole or not at all: a temporary file beside it, synced, renamed over it, the directory
 * synced. A symbolic link at `path` stays, and the file that it leads to is replaced. When this rejects,
 * what was there before is unchanged and no temporary file is left.
 *
 * @throws {FileError}
 */
export async function writeFileAtomically(
  path: string,
  data: Uint8Array | string | Readable,
  options: WriteFileOptions = {},
): Promise<void> {
  const { signal } = options
  try {
    signal?.throwIfAborted()
    const target = await resolveLinks(path)
    const mode = options.mode ?? (await existingMode(target))
    await using file = await openTemporaryFile(dirname(target), { mode, signal })
    await fill(file, data, signal)
    await file.commitAs(target)
  } catch (error) {
    if (data instanceof Readable) data.destroy()
    throw asFileError(`write ${path}`, error)
  }
}

async function fill(
  file: TemporaryFile,
  data: Uint8Array | string | Readable,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (data instanceof Readable) {
    await pipeInto(file, [data], signal)
  } else {
    await file.write(typeof data === 'string' ? Buffer.from(data) : data)
  }
}

async function existingMode(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
