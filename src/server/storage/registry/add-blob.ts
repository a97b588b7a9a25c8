import type { Digest } from '../../../oci/index.ts'
import type { RepositoryName } from '../../repository-name.ts'
import type { StoredRecord } from '../records/record-store.ts'
import { decodeContent, encodeBlob, encodeContent } from './blob-record.ts'
import type { AddingSteps } from './change-set.ts'
import { encodeEdge } from './edge-record.ts'
import { blobKey, contentKey, holderKey, queueKey, repositoryKey } from './keys.ts'
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
 * condemned; where it has none, `fresh` becomes it. Undefined when there is neither.
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
  const stored = useContent(steps, digest, content, fresh, due)
  if (stored === undefined) return undefined
  const { size, key } = stored
  steps.names.put(repositoryKey(repository), encodeRepository({ since: now() }))
  steps.edges.put(queueKey(due, { kind: 'blob', repository, digest }), nothing)
  steps.edges.put(holderKey(digest, repository), encodeEdge(now()))
  const value = encodeBlob({ size, key, since: now() })
  steps.things.swap(blobKey(repository, digest), value, membership?.version ?? null)
  return { digest, size, key }
}

function useContent(
  { edges, things }: AddingSteps,
  digest: Digest,
  record: StoredRecord | undefined,
  fresh: StoredContent | undefined,
  due: number,
): StoredContent | undefined {
  if (record === undefined) {
    if (fresh === undefined) return undefined
    edges.put(queueKey(due, { kind: 'content', digest }), nothing)
    things.swap(contentKey(digest), encodeContent(fresh), null)
    return fresh
  }
  const content = decodeContent(record)
  if (content.condemned === undefined) things.check(record.key, record.version)
  else things.swap(record.key, encodeContent({ ...content, condemned: undefined }), record.version)
  return content
}
