import { readlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileErrorCode } from './file-error.ts'

/** As many links as Linux follows. */
const maxLinks = 40

/**
 * The path of the file that `path` leads to when symbolic links at its end are followed; the file itself
 * need not exist. Links in the directories before it are left to the operating system.
 *
 * @throws Node's error with code ELOOP after 40 links.
 */
export async function resolveLinks(path: string): Promise<string> {
  let current = resolve(path)
  for (let links = 0; links <= maxLinks; links++) {
    const target = await linkTarget(current)
    if (target === undefined) return current
    current = resolve(dirname(current), target)
  }
  throw Object.assign(new Error(`ELOOP: too many symbolic links, ${path}`), {
    code: 'ELOOP',
    syscall: 'readlink',
  })
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path)
  } catch (error) {
    const code = fileErrorCode(error)
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'UNKNOWN') return undefined
    throw error
  }
}
