import type { Digest } from '../../../oci/index.ts'
import { parseRepositoryName, type RepositoryName } from '../../repository-name.ts'
import type { StoredRecord } from '../records/record-store.ts'
import { decodeBlob, decodeContent, encodeBlob, encodeContent } from './blob-record.ts'
import type { AddingSteps } from './change-set.ts'
import { encodeEdge } from './edge-record.ts'
import { blobKey, contentKey, holderKey, prefixes, queueKey, repositoryKey } from './keys.ts'
import { listAll } from './list-all.ts'
import type { StoredBlob } from './registry-storage.ts'
import { encodeRepository } from './repository-record.ts'
import type { StorageContext } from './storage-context.ts'

/** Bytes in the blob store. */
export interface StoredContent {
  readonly key: string
  readonly size: number
}

const nothing = new Uint8Array()

/**
 * Lets a repository have a content as a blob. The copy that the registry has already is used, and is no more
 * condemned; where it has none, or the disk has lost it, `fresh` becomes it. Undefined when there is neither.
 *
 * Until a manifest uses the blob it stays for the grace period.
 */
export async function addBlob(
  context: StorageContext,
  steps: AddingSteps,
  repository: RepositoryName,
  digest: Digest,
  fresh: StoredContent | undefined,
): Promise<StoredBlob | undefined> {
  const { records, now, gracePeriodMs } = context
  const [content, membership] = await Promise.all([
    records.get(contentKey(digest)),
    records.get(blobKey(repository, digest)),
  ])
  const due = now() + gracePeriodMs
  const stored = await useContent(context, steps, digest, content, fresh, due)
  if (stored === undefined) return undefined
  const { size, key } = stored
  // A copy that took the place of a lost one is every repository's.
  if (content !== undefined && key === fresh?.key) await replaceKeys(context, steps, digest, stored)
  steps.names.put(repositoryKey(repository), encodeRepository({ since: now() }))
  steps.edges.put(queueKey(due, { kind: 'blob', repository, digest }), nothing)
  steps.edges.put(holderKey(digest, repository), encodeEdge(now()))
  const value = encodeBlob({ size, key, since: now() })
  steps.things.swap(blobKey(repository, digest), value, membership?.version ?? null)
  return { digest, size, key }
}

async function useContent(
  { blobs }: StorageContext,
  { edges, things }: AddingSteps,
  digest: Digest,
  record: StoredRecord | undefined,
  fresh: StoredContent | undefined,
  due: number,
): Promise<StoredContent | undefined> {
  if (record === undefined) {
    if (fresh === undefined) return undefined
    edges.put(queueKey(due, { kind: 'content', digest }), nothing)
    things.swap(contentKey(digest), encodeContent(fresh), null)
    return fresh
  }
  const content = decodeContent(record)
  if (fresh !== undefined && fresh.key !== content.key && !(await blobs.has(content.key, content.size))) {
    things.swap(record.key, encodeContent(fresh), record.version)
    return fresh
  }
  if (content.condemned === undefined) things.check(record.key, record.version)
  else things.swap(record.key, encodeContent({ ...content, condemned: undefined }), record.version)
  return content
}

/** Names the new copy in the records of all repositories that have the content. */
async function replaceKeys(
  { records }: StorageContext,
  { things }: AddingSteps,
  digest: Digest,
  { key, size }: StoredContent,
): Promise<void> {
  const prefix = prefixes.holders(digest)
  for await (const holder of listAll(records, prefix)) {
    const repository = parseRepositoryName(holder.key.slice(prefix.length))
    const record = await records.get(blobKey(repository, digest))
    if (record === undefined) continue
    things.swap(record.key, encodeBlob({ ...decodeBlob(record), key, size }), record.version)
  }
}
