import { rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectory, syncDirectory } from '../../../files/index.ts'

/** Gives files that are safe on the disk their place among the blobs, so that it is safe too. */
export class BlobNamer {
  /** Folders that are in their parents on the disk, as this process has seen to itself. */
  readonly #durable = new Set<string>()

  /** Renames a file; when this resolves, it has its new name after a loss of power. */
  async name(from: string, path: string): Promise<void> {
    const folder = dirname(path)
    if (!this.#durable.has(folder)) {
      await makeDirectory(folder, 0o700)
      await syncDirectory(dirname(folder))
      this.#durable.add(folder)
    }
    await rename(from, path)
    await syncDirectory(folder)
  }
}
