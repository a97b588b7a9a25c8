import type { OperationOptions } from '../../content/index.ts'
import type { BlobStore } from '../storage/blobs/blob-store.ts'
import type { RecordStore } from '../storage/records/record-store.ts'
import { checkContents } from './check-contents.ts'
import { checkFiles } from './check-files.ts'
import { checkRecords } from './check-records.ts'
import { type ContentChecker, createContentChecker } from './content-checker.ts'
import type { Finding } from './finding.ts'
import type { FsckCounts, FsckProgress } from './fsck-progress.ts'

/** Options of {@link checkStorage}. */
export interface CheckStorageOptions extends OperationOptions {
  readonly records: RecordStore
  readonly blobs: BlobStore
  /** Reads the contents; closed by whoever made it. Default: on this thread. */
  readonly checker?: ContentChecker | undefined
  /** The time, milliseconds since the epoch. Default: the machine's clock. */
  readonly now?: (() => number) | undefined
  readonly onProgress?: ((progress: FsckProgress) => void) | undefined
}

/**
 * Checks everything that a registry holds: each record, the edges between them, the digest of each manifest and of all
 * stored bytes, and files that belong to nothing. Gives what is wrong as it is found, and at last what was looked at.
 *
 * It changes nothing, and a server may work on the same stores: what changes meanwhile is looked at again before
 * anything is said about it. Memory does not grow with the number of records, nor with the size of contents.
 */
export async function* checkStorage(options: CheckStorageOptions): AsyncGenerator<Finding, FsckCounts, void> {
  const { records, blobs, signal, onProgress, now = Date.now } = options
  const checker = options.checker ?? createContentChecker(blobs)
  const context = { records, blobs, now }
  const counts: FsckCounts = { records: 0, manifests: 0, tags: 0, contents: 0, bytes: 0, files: 0 }
  const totals = yield* checkRecords(context, { signal, onProgress, counts })
  yield* checkContents(context, { signal, onProgress, counts, checker, totals })
  yield* checkFiles(context, { signal, onProgress, counts })
  return counts
}
