import type { StoredRecord } from '../records/record-store.ts'
import { madeOnce } from '../../made-once.ts'
import { encodeFields, RecordFields } from './record-fields.ts'
import type { StoredTag } from './registry-storage.ts'

/** The value of `tags/…`. */
export function encodeTag({ digest, mediaType, size, pushedAt }: StoredTag): Uint8Array {
  return encodeFields({ digest, mediaType, size, pushedAt })
}

/** @throws {DamagedRecordError} */
export const decodeTag: (record: StoredRecord) => StoredTag = madeOnce((record) => {
  const fields = RecordFields.parse(record.key, record.value)
  return {
    digest: fields.digest('digest'),
    mediaType: fields.text('mediaType'),
    size: fields.count('size'),
    pushedAt: fields.count('pushedAt'),
  }
})
