import type { StoredRecord } from '../records/record-store.ts'
import { encodeFields, RecordFields } from './record-fields.ts'

/** The value of `content/…`: the one stored copy of a content. */
export interface ContentRecord {
  /** Bytes. */
  readonly size: number
  /** Its key in the blob store. */
  readonly key: string
  /** Since when it waits for its deletion, milliseconds since the epoch; undefined: it is there. */
  readonly condemned?: number | undefined
}

/** The value of `blobs/…`: that a repository has a content as a blob. */
export interface BlobRecord extends ContentRecord {
  /** When it was last seen to be wanted: uploaded, mounted, looked up. Milliseconds since the epoch. */
  readonly since: number
}

export function encodeContent({ size, key, condemned }: ContentRecord): Uint8Array {
  return encodeFields({ size, key, condemned })
}

/** @throws {DamagedRecordError} */
export function decodeContent(record: StoredRecord): ContentRecord {
  return readContent(RecordFields.parse(record.key, record.value))
}

export function encodeBlob({ size, key, since, condemned }: BlobRecord): Uint8Array {
  return encodeFields({ size, key, since, condemned })
}

/** @throws {DamagedRecordError} */
export function decodeBlob(record: StoredRecord): BlobRecord {
  const fields = RecordFields.parse(record.key, record.value)
  return { ...readContent(fields), since: fields.count('since') }
}

function readContent(fields: RecordFields): ContentRecord {
  return { size: fields.count('size'), key: fields.text('key'), condemned: fields.optionalCount('condemned') }
}
