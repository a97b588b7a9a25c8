import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LadingError } from '../../errors/index.ts'
import { asFileError } from '../../files/index.ts'
import type { SourceEdits } from '../../lock/index.ts'
import { applyEdits, type ProjectFindings } from '../../references/index.ts'
import type { Project } from './open-project.ts'

/** One file, as it is and as it is to be. */
export interface EditedSource {
  /** From the folder of the project, with `/`. */
  readonly file: string
  readonly path: string
  readonly before: Uint8Array
  readonly after: Uint8Array
  /** How many places of it change. */
  readonly places: number
}

/**
 * The sources with their edits; those that stay the same are left out. Nothing is written.
 *
 * @throws {EditRefusedError} when a file is not what it was when it was searched. @throws {FileError}
 */
export async function editSources(
  { root }: Project,
  { digests }: ProjectFindings,
  { edits }: Pick<SourceEdits, 'edits'>,
): Promise<readonly EditedSource[]> {
  const sources: EditedSource[] = []
  for (const [file, wanted] of [...edits].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const path = join(root, file)
    const digest = digests.get(file)
    if (digest === undefined) throw new LadingError('INTERNAL', `Cannot edit ${file}: it was not read`)
    const before = await bytesOf(path)
    const after = applyEdits({ file, bytes: before, digest }, wanted)
    const places = new Set(wanted.map(({ edit }) => JSON.stringify(edit))).size
    if (!Buffer.from(after).equals(before)) sources.push({ file, path, before, after, places })
  }
  return sources
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw asFileError(`read ${path}`, error)
  }
}
