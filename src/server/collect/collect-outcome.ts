/** What a collection removed. */
export interface CollectCounts {
  /** Manifests, of all repositories. */
  manifests: number
  /** Memberships: blobs that a repository has no more. */
  blobs: number
  /** Contents whose stored bytes went. */
  contents: number
  /** Stored bytes that went, also those of orphaned files. */
  bytes: number
  /** Uploads that lay still too long, also files of uploads without a record. */
  uploads: number
  /** Files that no content names. */
  orphans: number
  /** Repositories that held nothing any more. */
  repositories: number
}

/** What a step of a collection came to. */
export interface CollectOutcome {
  /** False where another process collects: nothing was done. */
  readonly collected: boolean
  /** Whether there is work that could be done at once. */
  readonly more: boolean
  readonly counts: Readonly<CollectCounts>
  /** Entries that wait in the queue, due or not; counted up to {@link countedQueue}. */
  readonly queue: number
  /** Seconds, by the clock that the collector was given. */
  readonly seconds: number
}

/** A longer queue than this is not counted. */
export const countedQueue = 1000

/** Nothing removed. */
export function noCounts(): CollectCounts {
  return { manifests: 0, blobs: 0, contents: 0, bytes: 0, uploads: 0, orphans: 0, repositories: 0 }
}
