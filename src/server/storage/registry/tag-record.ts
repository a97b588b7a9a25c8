import type { StoredRecord } from '../records/record-store.ts'
import { encodeFields, RecordFields } from './record-fields.ts'
import type { StoredTag } from './registry-storage.ts'

/** The value of `tags/…`. */
export function encodeTag({ digest, mediaType, size, pushedAt }: StoredTag): Uint8Array {
  return encodeFields({ digest, mediaType, size, pushedAt })
}

/** @throws {DamagedRecordError} */
export function decodeTag(record: StoredRecord): StoredTag {
  const fields = RecordFields.parse(record.key, record.value)
  return {
    digest: fields.digest('digest'),
    mediaType: fields.text('mediaType'),
    size: fields.count('size'),
    pushedAt: fields.count('pushedAt'),
  }
}
