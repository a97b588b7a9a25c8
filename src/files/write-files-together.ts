import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { asFileError, fileErrorCode } from './file-error.ts'
import { resolveLinks } from './resolve-links.ts'
import { openTemporaryFile, type TemporaryFile } from './temporary-file.ts'

/**
 * Writes several files. All of them are written beside their places first, and only then, when nothing is left that could want space or
 * permission, renamed one after the other in the order that they come in: a file is old or new, never half, and what makes the writing
 * impossible leaves all of them old. A process that is killed between two renames leaves the first new and the others old.
 *
 * Symbolic links stay; permissions are those of the files that are there.
 *
 * @throws {FileError}
 */
export async function writeFilesTogether(
  files: ReadonlyMap<string, Uint8Array | string>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  await using staged = new StagedFiles()
  for (const [path, data] of files) {
    signal?.throwIfAborted()
    await staged.add(path, data)
  }
  signal?.throwIfAborted()
  await staged.commit()
}

class StagedFiles implements AsyncDisposable {
  readonly #files: { readonly target: string; readonly file: TemporaryFile }[] = []

  async add(path: string, data: Uint8Array | string): Promise<void> {
    try {
      const target = await resolveLinks(path)
      const file = await openTemporaryFile(dirname(target), { mode: await existingMode(target) })
      this.#files.push({ target, file })
      await file.write(typeof data === 'string' ? Buffer.from(data) : data)
      await file.handle.sync()
    } catch (error) {
      throw asFileError(`write ${path}`, error)
    }
  }

  async commit(): Promise<void> {
    for (const { file, target } of this.#files) await file.commitAs(target)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#files.map(({ file }) => file.discard()))
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
