import { parseKey, prefixes } from '../storage/registry/keys.ts'
import type { StoredRecord } from '../storage/records/record-store.ts'
import { DamagedRecordError } from '../storage/registry/damaged-record-error.ts'
import { decodeUpload, type UploadRecord } from '../storage/registry/upload-record.ts'
import type { CollectContext } from './collect-context.ts'
import { removeIfEmpty } from './remove-if-empty.ts'

/** So many records, and files, are looked at in a step. */
const uploadsAStep = 1000

/** Where a round over all uploads stands. */
interface Round {
  /** The record that the next step comes after. */
  after: string | undefined
  /** Files that lay still for too long when the round began, and that no record named so far. */
  readonly unnamed: Set<string>
  /** Versions of records whose files were gone. */
  readonly gone: Map<string, string>
}

/**
 * Ends uploads that lay still for too long, in rounds over all of them: records and files, files without a record, and
 * records of uploads that became blobs long ago. One that is being written has a young file and is left alone.
 */
export class UploadExpiry {
  #round: Round | undefined
  /** What the round before found gone: an upload that is taken over or committed just now has no file for a moment. */
  #wasGone: ReadonlyMap<string, string> = new Map()

  /** @returns whether the round goes on. */
  async step(context: CollectContext): Promise<boolean> {
    const { records, blobs, now, times } = context
    const before = now() - times.uploadExpiryMs
    const still = await blobs.listUploads({ before, limit: uploadsAStep })
    const lyingStill = new Set(still.map(({ key }) => key))
    this.#round ??= { after: undefined, unnamed: new Set(lyingStill), gone: new Map() }
    const round = this.#round

    const prefix = prefixes.all('uploads')
    const page = await records.list({ prefix, after: round.after, limit: uploadsAStep })
    for (const record of page)
      await expire(context, record, { before, lyingStill, round, wasGone: this.#wasGone })
    round.after = page.at(-1)?.key
    if (round.after !== undefined && page.length === uploadsAStep) return true

    this.#round = undefined
    this.#wasGone = round.gone
    for (const key of round.unnamed) if (lyingStill.has(key)) await end(context, key)
    return false
  }
}

interface Looked {
  /** What was last written before this lay still for too long, milliseconds since the epoch. */
  readonly before: number
  /** The files that did. */
  readonly lyingStill: ReadonlySet<string>
  readonly round: Round
  readonly wasGone: ReadonlyMap<string, string>
}

async function expire(context: CollectContext, record: StoredRecord, looked: Looked): Promise<void> {
  const { records } = context
  const { key, version } = record
  const upload = decode(context, record)
  if (upload === undefined) return
  looked.round.unnamed.delete(upload.upload)
  if ((upload.committedAt ?? upload.startedAt) >= looked.before) return
  const liesStill = looked.lyingStill.has(upload.upload)
  if (upload.committed === undefined && !liesStill && !(await isGone(context, record, upload, looked))) return
  const { done } = await records.write([{ kind: 'delete', key, expected: version }], { durable: false })
  if (!done) return
  if (liesStill) await end(context, upload.upload)
  const parsed = parseKey(key)
  if (parsed?.in === 'uploads') await removeIfEmpty(context, parsed.repository)
}

/** Whether an upload has no file, and had none when the round before looked at it. */
async function isGone(
  { blobs }: CollectContext,
  { key, version }: StoredRecord,
  { upload }: UploadRecord,
  { round, wasGone }: Looked,
): Promise<boolean> {
  if ((await blobs.uploadSize(upload)) !== undefined) return false
  round.gone.set(key, version)
  return wasGone.get(key) === version
}

async function end({ blobs, counts }: CollectContext, upload: string): Promise<void> {
  await blobs.cancel(upload)
  counts.uploads += 1
}

function decode({ log }: CollectContext, record: StoredRecord): UploadRecord | undefined {
  try {
    return decodeUpload(record)
  } catch (error) {
    if (!(error instanceof DamagedRecordError)) throw error
    log?.warn({ err: error }, 'an upload is kept, since its record is damaged')
    return undefined
  }
}
