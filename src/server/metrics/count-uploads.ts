import type { RecordStore } from '../storage/records/record-store.ts'
import { prefixes } from '../storage/registry/keys.ts'
import { decodeUpload } from '../storage/registry/upload-record.ts'

/** More uploads are not counted. */
const mostCounted = 10_000

const pageSize = 1_000

/** Counts uploads that have begun and not ended, of all processes; at most 10,000 records are looked at. */
export async function countUploads(records: Pick<RecordStore, 'list'>): Promise<number> {
  let count = 0
  let after: string | undefined
  for (let seen = 0; seen < mostCounted; seen += pageSize) {
    const page = await records.list({ prefix: prefixes.all('uploads'), after, limit: pageSize })
    // One that has become a blob is remembered for a while, for clients that ask once more.
    count += page.filter((record) => decodeUpload(record).committed === undefined).length
    after = page.at(-1)?.key
    if (page.length < pageSize) break
  }
  return count
}
