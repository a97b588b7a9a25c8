import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobPaths } from './blob-keys.ts'
import type { StoredObject } from './blob-store.ts'
import { isMissing } from './blob-store-error.ts'

/** The blobs whose keys come after one, in byte order; reads no more than the folders that they are in. */
export async function listBlobs(
  paths: BlobPaths,
  options: { readonly after?: string | undefined; readonly limit: number },
): Promise<readonly StoredObject[]> {
  const after = options.after ?? ''
  const found: StoredObject[] = []
  for (const algorithm of ['sha256', 'sha512']) {
    for (const fanOut of await namesIn(paths.algorithm(algorithm))) {
      if (`${algorithm}/${fanOut}~` < after) continue
      for (const name of await namesIn(join(paths.algorithm(algorithm), fanOut))) {
        const key = `${algorithm}/${name}`
        const path = paths.blob(key)
        if (key <= after || path === undefined) continue
        const object = await describe(key, path)
        if (object !== undefined) found.push(object)
        if (found.length >= options.limit) return found
      }
    }
  }
  return found
}

/** What a file holds; undefined when it is gone meanwhile, and for what is no file: a store makes no links. */
export async function describe(key: string, path: string): Promise<StoredObject | undefined> {
  try {
    const status = await lstat(path)
    if (!status.isFile()) return undefined
    return { key, size: status.size, modified: Math.floor(status.mtimeMs) }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Sorted; none where the folder is not there. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
