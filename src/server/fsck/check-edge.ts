import type { Digest } from '../../oci/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { StoredRecord } from '../storage/records/record-store.ts'
import { DamagedRecordError } from '../storage/registry/damaged-record-error.ts'
import { decodeEdge, edgeSettlesAfterMs } from '../storage/registry/edge-record.ts'
import { blobKey, manifestKey, type RegistryKey, tagKey } from '../storage/registry/keys.ts'
import { decodeManifest } from '../storage/registry/manifest-record.ts'
import { readPushedManifest } from '../storage/registry/read-pushed-manifest.ts'
import { decodeReferrer } from '../storage/registry/referrer-record.ts'
import { decodeTag } from '../storage/registry/tag-record.ts'
import type { Finding } from './finding.ts'
import type { FsckContext } from './fsck-context.ts'

/** A key of an edge. */
export type EdgeKey = Extract<RegistryKey, { readonly in: 'tagsof' | 'uses' | 'referrers' | 'holders' }>

/**
 * Checks that an edge belongs to something. One that was written just now may belong to a write that is under way.
 *
 * @throws {DamagedRecordError}
 */
export async function checkEdge(
  context: FsckContext,
  record: StoredRecord,
  key: EdgeKey,
): Promise<readonly Finding[]> {
  const writtenAt = key.in === 'referrers' ? referrerWrittenAt(record) : decodeEdge(record)
  if (writtenAt + edgeSettlesAfterMs >= context.now() || (await leadsSomewhere(context, key))) return []
  return [{ rule: 'edge-superfluous', key: record.key }]
}

/** The list of referrers holds descriptors and no times. */
function referrerWrittenAt(record: StoredRecord): number {
  decodeReferrer(record)
  return 0
}

async function leadsSomewhere({ records }: FsckContext, key: EdgeKey): Promise<boolean> {
  switch (key.in) {
    case 'tagsof': {
      const tag = await records.get(tagKey(key.repository, key.tag))
      return tag !== undefined && readable(() => decodeTag(tag).digest === key.digest)
    }
    case 'holders':
      return (await records.get(blobKey(key.repository, key.digest))) !== undefined
    case 'uses':
    case 'referrers': {
      const manifest = await records.get(manifestKey(key.repository, key.by))
      return manifest !== undefined && readable(() => isNamed(manifest, key.digest))
    }
    default:
      return key satisfies never
  }
}

function isNamed(record: StoredRecord, digest: Digest): boolean {
  const { bytes, mediaType } = decodeManifest(record)
  const { needed, optional, subject } = readPushedManifest(bytes, mediaType)
  return (
    subject === digest || optional.includes(digest) || needed.some((content) => content.digest === digest)
  )
}

/** What cannot be read is found where it is checked itself; its edges may be right. */
function readable(look: () => boolean): boolean {
  try {
    return look()
  } catch (error) {
    if (error instanceof DamagedRecordError || error instanceof ProtocolError) return true
    throw error
  }
}
