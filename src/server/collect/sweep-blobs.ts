import { type Digest, isDigest } from '../../oci/index.ts'
import type { StoredObject } from '../storage/blobs/blob-store.ts'
import { decodeContent } from '../storage/registry/blob-record.ts'
import { DamagedRecordError } from '../storage/registry/damaged-record-error.ts'
import { contentKey } from '../storage/registry/keys.ts'
import type { CollectContext } from './collect-context.ts'

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

/** Whether a file is named by no content. Where the record is damaged, it may be. */
async function isOrphan({ records, log }: CollectContext, { key }: StoredObject): Promise<boolean> {
  const digest = digestOfKey(key)
  if (digest === undefined) return false
  const record = await records.get(contentKey(digest))
  if (record === undefined) return true
  try {
    return decodeContent(record).key !== key
  } catch (error) {
    if (!(error instanceof DamagedRecordError)) throw error
    log?.warn({ err: error, key }, 'a file is kept, since the record of its content is damaged')
    return false
  }
}

/** The digest that a blob's key begins with. */
function digestOfKey(key: string): Digest | undefined {
  const digest = key.replace(/^(?<algorithm>sha\d+)\/(?<hex>[0-9a-f]+).*$/s, '$<algorithm>:$<hex>')
  return isDigest(digest) ? digest : undefined
}
