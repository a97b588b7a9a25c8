import type { CollectionOptions } from '../server-options.ts'

/** {@link CollectionOptions} in milliseconds, with the defaults. */
export interface CollectionTimes {
  /** How long what lost its last reference stays. */
  readonly graceMs: number
  /** How long what was condemned answers as missing before it is deleted. */
  readonly condemnedMs: number
  /** How long an upload may lie still. */
  readonly uploadExpiryMs: number
  /** Between two rounds; 0: none. */
  readonly intervalMs: number
}

const day = 86_400

/** Milliseconds, 24 days: a timer of Node.js that is longer goes off at once. */
const longestTimer = 2 ** 31 - 1

/** The times of a collection. */
export function collectionTimes(options: CollectionOptions): CollectionTimes {
  return {
    graceMs: (options.gracePeriodSeconds ?? 7 * day) * 1000,
    condemnedMs: (options.condemnedSeconds ?? 600) * 1000,
    uploadExpiryMs: (options.uploadExpirySeconds ?? day) * 1000,
    intervalMs: Math.min((options.intervalSeconds ?? 60) * 1000, longestTimer),
  }
}
