import { decodeText } from './decode-text.ts'
import type { RootedFiles } from './project-files.ts'

/** A file of a project as it was read. */
export interface ReadFile {
  readonly bytes: Buffer
  readonly text: string
  readonly isExact: boolean
  readonly isWhole: boolean
}

/** Reads a file and decodes it; undefined where it is not there any more. */
export async function readProjectFile(files: RootedFiles, path: string): Promise<ReadFile | undefined> {
  const read = await files.read(path)
  return read && { ...read, ...decodeText(read.bytes) }
}
