import type { StoredRecord } from '../records/record-store.ts'
import { encodeFields, RecordFields } from './record-fields.ts'

/** The value of `repositories/…`. Written anew with every addition, so that it cannot go while something comes. */
export interface RepositoryRecord {
  /** When something was last added, milliseconds since the epoch. */
  readonly since: number
}

export function encodeRepository({ since }: RepositoryRecord): Uint8Array {
  return encodeFields({ since })
}

/** @throws {DamagedRecordError} */
export function decodeRepository({ key, value }: StoredRecord): RepositoryRecord {
  return { since: RecordFields.parse(key, value).count('since') }
}
