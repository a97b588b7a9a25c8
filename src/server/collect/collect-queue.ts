import { DamagedRecordError } from '../storage/registry/damaged-record-error.ts'
import { parseKey, prefixes } from '../storage/registry/keys.ts'
import type { StoredRecord } from '../storage/records/record-store.ts'
import { collectBlob } from './collect-blob.ts'
import type { CollectContext } from './collect-context.ts'
import { collectContent } from './collect-content.ts'
import { collectManifest } from './collect-manifest.ts'
import { enqueue } from './queue-entry.ts'

/** So many entries are looked at in a step. */
const entriesAStep = 200

/** Looks at entries of the queue that are due, the oldest first. @returns whether more of them may be due. */
export async function collectQueue(context: CollectContext): Promise<boolean> {
  const { records, now } = context
  const entries = await records.list({ prefix: prefixes.all('queue'), limit: entriesAStep })
  let done = 0
  for (const record of entries) {
    const key = parseKey(record.key)
    if (key?.in === 'queue' && key.due > now()) return false
    if (await collectEntry(context, record)) done += 1
  }
  return done > 0 && entries.length === entriesAStep
}

/** @returns whether the entry left its place. */
async function collectEntry(context: CollectContext, record: StoredRecord): Promise<boolean> {
  const { records, log } = context
  const key = parseKey(record.key)
  if (key?.in !== 'queue') {
    log?.warn({ key: record.key }, 'an entry of the queue names nothing and is dropped')
    return (await records.write([{ kind: 'delete', key: record.key, expected: record.version }])).done
  }
  const { subject } = key
  try {
    if (subject.kind === 'content') return await collectContent(context, { record, subject })
    if (subject.kind === 'blob') return await collectBlob(context, { record, subject })
    return await collectManifest(context, { record, subject })
  } catch (error) {
    if (!(error instanceof DamagedRecordError)) throw error
    return setAside(context, record, error)
  }
}

/** What cannot be read is kept, and looked at again after a grace period: somebody may repair it. */
async function setAside(
  { records, now, times, log }: CollectContext,
  record: StoredRecord,
  error: DamagedRecordError,
): Promise<boolean> {
  log?.warn({ err: error }, 'what may not be needed any more is kept, since a record of it is damaged')
  const key = parseKey(record.key)
  if (key?.in !== 'queue') return false
  const again = enqueue(now() + Math.max(times.graceMs, 1), key.subject)
  const steps = [again, { kind: 'delete', key: record.key, expected: record.version }] as const
  return (await records.write(steps, { durable: false })).done
}
