import { maxValueBytes } from '../records/check-records.ts'
import type { StoredRecord } from '../records/record-store.ts'
import { DamagedRecordError } from './damaged-record-error.ts'
import { madeOnce } from '../../made-once.ts'
import { encodeFields, RecordFields } from './record-fields.ts'

/** The value of `manifests/…`: one line of JSON, and behind it the bytes as they were pushed. */
export interface ManifestRecord {
  /** As it was pushed. */
  readonly mediaType: string
  /** When it was first pushed, milliseconds since the epoch. */
  readonly pushedAt: number
  /** When it was last seen to be wanted: pushed, tagged, untagged, looked up by its digest. Milliseconds since the epoch. */
  readonly since: number
  /** Since when it answers as missing and waits for its removal; undefined: it is there. */
  readonly condemned?: number | undefined
  /** The bytes as they were pushed. */
  readonly bytes: Uint8Array
}

/** The longest first line that is read, in bytes. */
const maxLineBytes = 4096

/** The largest manifest that a record can hold, in bytes. */
export const largestManifestBytes: number = maxValueBytes - maxLineBytes - 1

const lineFeed = 0x0a

export function encodeManifest({ bytes, mediaType, pushedAt, since, condemned }: ManifestRecord): Uint8Array {
  const line = encodeFields({ mediaType, pushedAt, since, condemned })
  return Buffer.concat([line, Uint8Array.of(lineFeed), bytes])
}

/** Reads the first line; the bytes are a view of the record's. @throws {DamagedRecordError} */
export const decodeManifest: (record: StoredRecord) => ManifestRecord = madeOnce(({ key, value }) => {
  const end = value.indexOf(lineFeed)
  if (end < 0 || end > maxLineBytes) throw new DamagedRecordError(key, 'it has no first line')
  const fields = RecordFields.parse(key, value.subarray(0, end))
  return {
    mediaType: fields.text('mediaType'),
    pushedAt: fields.count('pushedAt'),
    since: fields.count('since'),
    condemned: fields.optionalCount('condemned'),
    bytes: value.subarray(end + 1),
  }
})
