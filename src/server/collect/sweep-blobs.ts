import type { CollectContext } from './collect-context.ts'
import { isOrphan } from './is-orphan.ts'

/** So many files are looked at in a step. */
const filesAStep = 1000

/**
 * Removes files of the blob store that no content names, in rounds over all of them: a commit that ended between the
 * file's name and its record left it, or a deletion that ended between the record and the file.
 */
export class BlobSweep {
  #after: string | undefined

  /** @returns whether the round goes on. */
  async step(context: CollectContext): Promise<boolean> {
    const { blobs, now, times, counts } = context
    // The time of a file is that of its last byte. Its commit may begin when the upload all but expired, and takes a while.
    const before = now() - times.graceMs - times.uploadExpiryMs - times.condemnedMs
    const files = await blobs.list({ after: this.#after, limit: filesAStep })
    for (const file of files) {
      if (file.modified >= before || !(await isOrphan(context, file))) continue
      await blobs.delete(file.key)
      counts.orphans += 1
      counts.bytes += file.size
    }
    this.#after = files.length === filesAStep ? files.at(-1)?.key : undefined
    return this.#after !== undefined
  }
}
