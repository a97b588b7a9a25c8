import { open } from 'node:fs/promises'
import { fileErrorCode } from './file-error.ts'

/** Makes the names in a directory durable: a file that was renamed into it is there after a crash. */
export async function syncDirectory(directory: string): Promise<void> {
  let handle
  try {
    handle = await open(directory, 'r')
    await handle.sync()
  } catch (error) {
    // Windows opens no directories, and some network and FUSE file systems sync none.
    if (!unsupported.has(fileErrorCode(error) ?? '')) throw error
  } finally {
    await handle?.close()
  }
}

const unsupported: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'ENOSYS'])
