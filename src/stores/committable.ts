import type { OperationOptions } from '../content/index.ts'

/**
 * A place that shows nothing of what was pushed until all of it is there: an archive, a daemon.
 *
 * Whoever made such a target ends it with exactly one of the two: `commit` when every image that should
 * be there is, `discard` otherwise. `await using` discards what was not committed.
 */
export interface Committable extends AsyncDisposable {
  /** Writes everything out. When it rejects nothing is there, save for bytes that already went to a stream. */
  commit(options?: OperationOptions): Promise<void>
  /** Forgets everything. Does nothing after {@link commit} or a second time. */
  discard(): Promise<void>
}
