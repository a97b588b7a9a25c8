import type { StoredRecord } from '../storage/records/record-store.ts'
import { decodeContent } from '../storage/registry/blob-record.ts'
import { DamagedRecordError } from '../storage/registry/damaged-record-error.ts'
import { parseKey } from '../storage/registry/keys.ts'
import { decodeRepository } from '../storage/registry/repository-record.ts'
import { checkEdge } from './check-edge.ts'
import { checkManifest } from './check-manifest.ts'
import { checkBlob, checkTag, checkUpload } from './check-names.ts'
import type { Finding } from './finding.ts'
import type { FsckContext } from './fsck-context.ts'

/** Somebody else changes a record this often, and what is found at last is said. */
const maxLooks = 10

/**
 * Checks the record of a key as it stands. What is wrong with it is only said when it did not change meanwhile: what a
 * write of the server shows between two looks is no damage.
 */
export async function checkRecord(context: FsckContext, key: string): Promise<readonly Finding[]> {
  for (let look = 1; ; look += 1) {
    const record = await context.records.get(key)
    if (record === undefined) return []
    const findings = await checkReadable(context, record)
    if (findings.length === 0 || look === maxLooks) return findings
    if ((await context.records.get(key))?.version === record.version) return findings
  }
}

async function checkReadable(context: FsckContext, record: StoredRecord): Promise<readonly Finding[]> {
  try {
    return await check(context, record)
  } catch (error) {
    if (!(error instanceof DamagedRecordError)) throw error
    // What the damaged record is looked up for is another's matter: it is found by itself.
    return error.key === record.key
      ? [{ rule: 'record-damaged', key: error.key, problem: problemOf(error) }]
      : []
  }
}

async function check(context: FsckContext, record: StoredRecord): Promise<readonly Finding[]> {
  const key = parseKey(record.key)
  if (key === undefined) {
    if (/^(?:keys|collector|probe)\//.test(record.key)) return []
    return [{ rule: 'record-damaged', key: record.key, problem: 'its key is none of this layout' }]
  }
  switch (key.in) {
    case 'manifests':
      return checkManifest(context, record, key)
    case 'tags':
      return checkTag(context, record, key)
    case 'blobs':
      return checkBlob(context, record, key)
    case 'uploads':
      return checkUpload(context, record, key)
    case 'uses':
    case 'tagsof':
    case 'holders':
    case 'referrers':
      return checkEdge(context, record, key)
    case 'content':
      decodeContent(record)
      return []
    case 'repositories':
      decodeRepository(record)
      return []
    case 'queue':
      return []
    default:
      return key satisfies never
  }
}

function problemOf({ key, message }: DamagedRecordError): string {
  const start = `Cannot read the record ${key}: `
  return message.startsWith(start) ? message.slice(start.length) : message
}
