import type { BlobStore } from '../blobs/blob-store.ts'
import type { RecordStore } from '../records/record-store.ts'

/** What the parts of a registry's storage share. */
export interface StorageContext {
  readonly records: RecordStore
  readonly blobs: BlobStore
  /** Names this server process among those that share the stores; another one after every start. */
  readonly processId: string
  /** The time, milliseconds since the epoch. */
  readonly now: () => number
  /** How long what lost its last reference stays, milliseconds. */
  readonly gracePeriodMs: number
}

/**
 * Whether something that was last wanted at `since` may be taken for wanted without a word about it. The collector takes
 * nothing within the grace period, so that whoever relies on what was just looked up has at least three quarters of it.
 */
export function isFresh(context: StorageContext, since: number): boolean {
  return context.now() - since <= context.gracePeriodMs / 4
}
