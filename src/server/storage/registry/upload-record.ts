import type { Digest, DigestAlgorithm } from '../../../oci/index.ts'
import type { StoredRecord } from '../records/record-store.ts'
import { DamagedRecordError } from './damaged-record-error.ts'
import { encodeFields, RecordFields } from './record-fields.ts'

/** The value of `uploads/…`. */
export interface UploadRecord {
  /** Its key in the blob store. */
  readonly upload: string
  /** The server process that writes it. */
  readonly owner: string
  /** What the bytes are hashed with while they arrive. */
  readonly algorithm: DigestAlgorithm
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** The blob that it became, kept so that a repeated commit is answered as the first was. */
  readonly committed?: Digest | undefined
  /** When it became that, milliseconds since the epoch. */
  readonly committedAt?: number | undefined
}

export function encodeUpload(record: UploadRecord): Uint8Array {
  const { upload, owner, algorithm, startedAt, committed, committedAt } = record
  return encodeFields({ upload, owner, algorithm, startedAt, committed, committedAt })
}

/** @throws {DamagedRecordError} */
export function decodeUpload({ key, value }: StoredRecord): UploadRecord {
  const fields = RecordFields.parse(key, value)
  const algorithm = fields.text('algorithm')
  if (algorithm !== 'sha256' && algorithm !== 'sha512')
    throw new DamagedRecordError(key, 'its algorithm is unknown')
  return {
    upload: fields.text('upload'),
    owner: fields.text('owner'),
    algorithm,
    startedAt: fields.count('startedAt'),
    committed: fields.optionalDigest('committed'),
    committedAt: fields.optionalCount('committedAt'),
  }
}
