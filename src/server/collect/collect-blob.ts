import { decodeBlob, encodeBlob } from '../storage/registry/blob-record.ts'
import { blobKey, holderKey, manifestKey, prefixes, type RegistryKey } from '../storage/registry/keys.ts'
import type { CollectContext } from './collect-context.ts'
import { findNeed } from './find-need.ts'
import { type Candidate, followFate } from './follow-fate.ts'
import { dequeue, enqueue, type MemberSubject, type QueueEntry } from './queue-entry.ts'
import { removeIfEmpty } from './remove-if-empty.ts'

/** Looks at a blob of a repository that perhaps no manifest uses; what it held goes into the queue with it. */
export async function collectBlob(
  context: CollectContext,
  entry: QueueEntry<MemberSubject>,
): Promise<boolean> {
  const { records, counts } = context
  const { repository, digest } = entry.subject
  return followFate(context, entry, find)

  async function find(): Promise<Candidate | undefined> {
    const record = await records.get(blobKey(repository, digest))
    if (record === undefined) return undefined
    const blob = decodeBlob(record)
    return {
      since: blob.since,
      condemned: blob.condemned,
      findNeed: () => findNeed(context, prefixes.uses(repository, digest), isUse),
      mark: (condemned) => ({
        kind: 'put',
        key: record.key,
        value: encodeBlob({ ...blob, condemned }),
        expected: record.version,
      }),
      remove: () => remove(record.version),
    }
  }

  async function isUse(edge: RegistryKey): Promise<boolean> {
    return edge.in === 'uses' && (await records.get(manifestKey(repository, edge.by))) !== undefined
  }

  async function remove(version: string): Promise<boolean> {
    // Read before the blob goes: an upload that brings it back writes another one first.
    const holder = await records.get(holderKey(digest, repository))
    const { done } = await records.write(
      [
        enqueue(context.now() + context.times.condemnedMs, { kind: 'content', digest }),
        { kind: 'delete', key: blobKey(repository, digest), expected: version },
        ...(holder === undefined
          ? []
          : [{ kind: 'delete', key: holder.key, expected: holder.version } as const]),
        dequeue(entry),
      ],
      { durable: false },
    )
    if (!done) return false
    counts.blobs += 1
    await removeIfEmpty(context, repository)
    return true
  }
}
