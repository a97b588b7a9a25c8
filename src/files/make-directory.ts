import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileErrorCode } from './file-error.ts'

/**
 * Makes a directory and those on the way to it, where they are not there.
 *
 * Unlike `mkdir(path, { recursive: true })` it ends where the system says of a directory that exists that it
 * does not (`/proc`, automounters): Node.js tries that for ever.
 *
 * @param mode Permission bits of what is made, less the umask; default 0777.
 * @throws the system's error; `EEXIST` where something else is in its place.
 */
export async function makeDirectory(path: string, mode?: number): Promise<void> {
  try {
    await makeOne(path, mode)
  } catch (error) {
    const parent = dirname(path)
    if (fileErrorCode(error) !== 'ENOENT' || parent === path) throw error
    await makeDirectory(parent, mode)
    await makeOne(path, mode)
  }
}

async function makeOne(path: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(path, mode)
  } catch (error) {
    if (!(await isDirectory(path))) throw error
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
