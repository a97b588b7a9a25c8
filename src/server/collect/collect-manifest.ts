import type { Digest } from '../../oci/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { Change } from '../storage/records/record-store.ts'
import { DamagedRecordError } from '../storage/registry/damaged-record-error.ts'
import { manifestKey, prefixes, type RegistryKey, tagKey } from '../storage/registry/keys.ts'
import { readManifestEdges } from '../storage/registry/manifest-edges.ts'
import { decodeManifest, encodeManifest, type ManifestRecord } from '../storage/registry/manifest-record.ts'
import { readPushedManifest } from '../storage/registry/read-pushed-manifest.ts'
import { decodeTag } from '../storage/registry/tag-record.ts'
import type { CollectContext } from './collect-context.ts'
import { findNeed } from './find-need.ts'
import { type Candidate, followFate } from './follow-fate.ts'
import { dequeue, enqueue, type MemberSubject, type QueueEntry } from './queue-entry.ts'
import { removeIfEmpty } from './remove-if-empty.ts'

/**
 * Looks at a manifest that perhaps no tag, no index and no subject keeps; what it named, and what refers to it, goes
 * into the queue with it. Where there is none, an index may have named a blob.
 */
export async function collectManifest(
  context: CollectContext,
  entry: QueueEntry<MemberSubject>,
): Promise<boolean> {
  const { records, counts } = context
  const { repository, digest } = entry.subject
  if ((await records.get(manifestKey(repository, digest))) === undefined) {
    const blob = enqueue(context.now(), { kind: 'blob', repository, digest })
    return (await records.write([blob, dequeue(entry)], { durable: false })).done
  }
  return followFate(context, entry, find)

  async function find(): Promise<Candidate | undefined> {
    const record = await records.get(manifestKey(repository, digest))
    if (record === undefined) return undefined
    const manifest = decodeManifest(record)
    const { since, condemned } = manifest
    const subject = condemned === undefined ? readSubject(record.key, manifest) : undefined
    return {
      since,
      condemned,
      findNeed: () => findNeeds(subject),
      mark: (mark) => ({
        kind: 'put',
        key: record.key,
        value: encodeManifest({ ...manifest, condemned: mark }),
        expected: record.version,
      }),
      remove: () => remove(record.version, manifest),
    }
  }

  /** @param subject Keeps it while it is there; what answers as missing already is not brought back by it. */
  async function findNeeds(subject: Digest | undefined): Promise<boolean | number> {
    if (subject !== undefined && (await isThere(subject))) return true
    const tagged = await findNeed(context, prefixes.tagsOf(repository, digest), isTagged)
    if (tagged === true) return true
    const listed = await findNeed(context, prefixes.uses(repository, digest), isEntry)
    if (listed === true) return true
    return tagged === false || listed === false ? tagged || listed : Math.max(tagged, listed)
  }

  async function isTagged(edge: RegistryKey): Promise<boolean> {
    if (edge.in !== 'tagsof') return false
    const tag = await records.get(tagKey(repository, edge.tag))
    return tag !== undefined && decodeTag(tag).digest === digest
  }

  async function isEntry(edge: RegistryKey): Promise<boolean> {
    return edge.in === 'uses' && (await isThere(edge.by))
  }

  async function isThere(other: Digest): Promise<boolean> {
    return (await records.get(manifestKey(repository, other))) !== undefined
  }

  /** The manifest goes before its edges: where a push brings it back, it stays and so do they. */
  async function remove(version: string, manifest: ManifestRecord): Promise<boolean> {
    const { records: edges, released } = await readManifestEdges(records, repository, digest, manifest)
    const due = context.now() + context.times.condemnedMs
    const steps: readonly Change[] = [
      ...released.map((subject) => enqueue(due, { ...subject, repository })),
      { kind: 'delete', key: manifestKey(repository, digest), expected: version },
      ...edges.map((edge): Change => ({ kind: 'delete', key: edge.key, expected: edge.version })),
      dequeue(entry),
    ]
    if (!(await records.write(steps, { durable: false })).done) return false
    counts.manifests += 1
    await removeIfEmpty(context, repository)
    return true
  }
}

/** @throws {DamagedRecordError} */
function readSubject(key: string, { bytes, mediaType }: ManifestRecord): Digest | undefined {
  try {
    return readPushedManifest(bytes, mediaType).subject
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new DamagedRecordError(key, 'it holds no manifest', { cause: error })
  }
}
