import { decodeContent, encodeContent } from '../storage/registry/blob-record.ts'
import { blobKey, contentKey, prefixes, type RegistryKey } from '../storage/registry/keys.ts'
import type { CollectContext } from './collect-context.ts'
import { findNeed } from './find-need.ts'
import { type Candidate, followFate } from './follow-fate.ts'
import { type ContentSubject, dequeue, type QueueEntry } from './queue-entry.ts'

/** Looks at a content that perhaps no repository holds; its stored bytes go after its record. */
export async function collectContent(
  context: CollectContext,
  entry: QueueEntry<ContentSubject>,
): Promise<boolean> {
  const { records, blobs, counts } = context
  const { digest } = entry.subject
  return followFate(context, entry, find)

  async function find(): Promise<Candidate | undefined> {
    const record = await records.get(contentKey(digest))
    if (record === undefined) return undefined
    const content = decodeContent(record)
    return {
      since: undefined,
      condemned: content.condemned,
      findNeed: () => findNeed(context, prefixes.holders(digest), isHold),
      mark: (condemned) => ({
        kind: 'put',
        key: record.key,
        value: encodeContent({ ...content, condemned }),
        expected: record.version,
      }),
      remove: () => remove(record.version, content.key, content.size),
    }
  }

  async function isHold(edge: RegistryKey): Promise<boolean> {
    return edge.in === 'holders' && (await records.get(blobKey(edge.repository, digest))) !== undefined
  }

  /** The record's end outlives a loss of power before the bytes go: a record that came back would name nothing. */
  async function remove(version: string, key: string, size: number): Promise<boolean> {
    const { done } = await records.write([
      { kind: 'delete', key: contentKey(digest), expected: version },
      dequeue(entry),
    ])
    if (!done) return false
    await blobs.delete(key)
    counts.contents += 1
    counts.bytes += size
    return true
  }
}
