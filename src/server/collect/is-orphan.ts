import { type Digest, isDigest } from '../../oci/index.ts'
import type { StoredObject } from '../storage/blobs/blob-store.ts'
import type { RecordStore } from '../storage/records/record-store.ts'
import { decodeContent } from '../storage/registry/blob-record.ts'
import { DamagedRecordError } from '../storage/registry/damaged-record-error.ts'
import { contentKey } from '../storage/registry/keys.ts'

/** Says whether a file of the blob store is named by no content. Where the record cannot be read, it may be. */
export async function isOrphan(
  { records }: { readonly records: RecordStore },
  { key }: Pick<StoredObject, 'key'>,
): Promise<boolean> {
  const digest = digestOfKey(key)
  if (digest === undefined) return false
  const record = await records.get(contentKey(digest))
  if (record === undefined) return true
  try {
    return decodeContent(record).key !== key
  } catch (error) {
    if (error instanceof DamagedRecordError) return false
    throw error
  }
}

/** The digest that a blob's key begins with. */
function digestOfKey(key: string): Digest | undefined {
  const digest = key.replace(/^(?<algorithm>sha\d+)\/(?<hex>[0-9a-f]+).*$/s, '$<algorithm>:$<hex>')
  return isDigest(digest) ? digest : undefined
}
