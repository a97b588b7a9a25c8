import { setImmediate } from 'node:timers/promises'
import { decodeContent } from '../storage/registry/blob-record.ts'
import { DamagedRecordError } from '../storage/registry/damaged-record-error.ts'
import { checkRecord } from './check-record.ts'
import type { FsckCounts, FsckProgress } from './fsck-progress.ts'
import type { Finding } from './finding.ts'
import type { FsckContext } from './fsck-context.ts'

const pageSize = 500

/** What there is to read after the records were checked. */
export interface ContentTotals {
  readonly contents: number
  readonly bytes: number
}

/** What every phase of a check is given. */
export interface PhaseOptions {
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: FsckProgress) => void) | undefined
  /** Counted up. */
  readonly counts: FsckCounts
}

/** Checks every record, in the order of their keys; values are read one at a time. */
export async function* checkRecords(
  context: FsckContext,
  { signal, onProgress, counts }: PhaseOptions,
): AsyncGenerator<Finding, ContentTotals, void> {
  const totals = { contents: 0, bytes: 0 }
  const unlisted = new Once()
  for (let after: string | undefined; ;) {
    signal?.throwIfAborted()
    const keys = await context.records.listKeys({ prefix: '', after, limit: pageSize })
    for (const key of keys) {
      for (const finding of await checkRecord(context, key)) {
        if (finding.rule !== 'repository-unlisted' || unlisted.isNew(finding.repository)) yield finding
      }
      if (key.startsWith('manifests/')) counts.manifests += 1
      else if (key.startsWith('tags/')) counts.tags += 1
      else if (key.startsWith('content/')) await addContent(context, key, totals)
    }
    counts.records += keys.length
    onProgress?.({ phase: 'records', records: counts.records })
    // Reads of records are immediate: without a pause nothing else would have its turn.
    await setImmediate()
    after = keys.at(-1)
    if (after === undefined || keys.length < pageSize) return totals
  }
}

async function addContent(
  { records }: FsckContext,
  key: string,
  totals: { contents: number; bytes: number },
): Promise<void> {
  const record = await records.get(key)
  if (record === undefined) return
  try {
    totals.bytes += decodeContent(record).size
    totals.contents += 1
  } catch (error) {
    if (!(error instanceof DamagedRecordError)) throw error
  }
}

/** Says what is new; of very many it forgets, and what is said twice then is no harm. */
class Once {
  readonly #seen = new Set<string>()

  isNew(text: string): boolean {
    if (this.#seen.has(text)) return false
    if (this.#seen.size > 1000) this.#seen.clear()
    this.#seen.add(text)
    return true
  }
}
