import type { StoredObject } from '../storage/blobs/blob-store.ts'
import type { Finding } from './finding.ts'
import type { FsckContext } from './fsck-context.ts'
import type { PhaseOptions } from './check-records.ts'
import { isOrphan } from '../collect/is-orphan.ts'

const pageSize = 1000

/** How long a commit may take between its file and its record, milliseconds. */
const commitMs = 60_000

/** Finds files of the blob store that no content names. */
export async function* checkFiles(
  context: FsckContext,
  { signal, onProgress, counts }: PhaseOptions,
): AsyncGenerator<Finding, void, void> {
  for (let after: string | undefined; ;) {
    signal?.throwIfAborted()
    const files = await context.blobs.list({ after, limit: pageSize })
    for (const file of files) {
      if (await isLeftBehind(context, file)) yield { rule: 'file-orphaned', key: file.key, size: file.size }
    }
    counts.files += files.length
    onProgress?.({ phase: 'files', files: counts.files })
    after = files.at(-1)?.key
    if (after === undefined || files.length < pageSize) return
  }
}

async function isLeftBehind(context: FsckContext, file: StoredObject): Promise<boolean> {
  if (file.modified + commitMs >= context.now()) return false
  return isOrphan(context, file)
}
