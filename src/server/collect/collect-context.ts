import type { Logger } from 'pino'
import type { BlobStore } from '../storage/blobs/blob-store.ts'
import type { RecordStore } from '../storage/records/record-store.ts'
import type { CollectCounts } from './collect-outcome.ts'
import type { CollectionTimes } from './collection-times.ts'

/** What the parts of a collection share. */
export interface CollectContext {
  readonly records: RecordStore
  readonly blobs: BlobStore
  /** The time, milliseconds since the epoch. */
  readonly now: () => number
  readonly times: CollectionTimes
  readonly log: Pick<Logger, 'info' | 'warn'> | undefined
  /** Of the step that runs. */
  readonly counts: CollectCounts
}
