import type { BlobStore } from '../storage/blobs/blob-store.ts'
import type { RecordStore } from '../storage/records/record-store.ts'

/** What the parts of a check share. */
export interface FsckContext {
  readonly records: RecordStore
  readonly blobs: BlobStore
  /** The time, milliseconds since the epoch. */
  readonly now: () => number
}
