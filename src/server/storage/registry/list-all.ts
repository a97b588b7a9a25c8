import type { RecordStore, StoredRecord } from '../records/record-store.ts'

const pageSize = 200

/** The records below a prefix in byte order of their keys, read a page at a time as they are taken. */
export async function* listAll(records: RecordStore, prefix: string): AsyncGenerator<StoredRecord> {
  for (let after: string | undefined; ;) {
    const page = await records.list({ prefix, after, limit: pageSize })
    yield* page
    after = page.at(-1)?.key
    if (after === undefined || page.length < pageSize) return
  }
}
