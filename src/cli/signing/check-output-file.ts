import { constants, statSync } from 'node:fs'
import { access, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { asFileError, FileError } from '../../files/index.ts'

/**
 * Finds out whether a file can be written, and writes nothing.
 *
 * @throws {FileError} it is a folder, or the folder that it is to be in is not there or may not be written to.
 */
export async function checkOutputFile(path: string): Promise<void> {
  try {
    const isThere = statSync(path, { throwIfNoEntry: false })
    if (isThere?.isDirectory() === true) throw new FileError(`Cannot write ${path}: it is a directory`)
    await access(dirname(isThere === undefined ? path : await realpath(path)), constants.W_OK)
  } catch (error) {
    throw asFileError(`write ${path}`, error)
  }
}
