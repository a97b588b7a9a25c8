import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** Milliseconds; a writer that is alive has written to its file since. */
const staleAfter = 24 * 60 * 60 * 1000

const temporaryName = /^\.[0-9a-f]{24}\.tmp$/

/** Removes the temporary files that writers left in a layout as they were killed; what cannot be removed stays. */
export async function removeStaleFiles(root: string): Promise<void> {
  const limit = Date.now() - staleAfter
  for (const name of await readdir(root)) {
    if (!temporaryName.test(name)) continue
    const path = join(root, name)
    try {
      const status = await stat(path)
      if (status.isFile() && status.mtimeMs < limit) await unlink(path)
    } catch {
      // Gone already, or somebody else's.
    }
  }
}
