import type { Digest } from '../../../oci/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import type { RecordStore, StoredRecord } from '../records/record-store.ts'
import { parseKey, prefixes, referrerKey, useKey } from './keys.ts'
import { listAll } from './list-all.ts'
import type { ManifestRecord } from './manifest-record.ts'
import { type ReadManifest, readPushedManifest } from './read-pushed-manifest.ts'

/** What hangs on a manifest. */
export interface ManifestEdges {
  /** Its edges as they are now: what it uses, its entry in its subject's referrers, what its tags left. */
  readonly records: readonly StoredRecord[]
  /** What may not be needed any more when it is gone: what it names, and what refers to it. */
  readonly released: readonly { readonly kind: 'manifest' | 'blob'; readonly digest: Digest }[]
}

/** Reads the edges of a stored manifest. */
export async function readManifestEdges(
  records: RecordStore,
  repository: RepositoryName,
  digest: Digest,
  manifest: ManifestRecord,
): Promise<ManifestEdges> {
  const { needed, optional, subject } = readStored(manifest)
  const names = [...needed.map((content) => content.digest), ...optional]
  const keys = names.map((content) => useKey(repository, content, digest))
  if (subject !== undefined) keys.push(referrerKey(repository, subject, digest))
  const edges: StoredRecord[] = []
  for (const key of keys) {
    const edge = await records.get(key)
    if (edge !== undefined) edges.push(edge)
  }
  for await (const edge of listAll(records, prefixes.tagsOf(repository, digest))) edges.push(edge)
  return {
    records: edges,
    released: [
      ...needed.map(({ digest: each, mayBeManifest }) => ({ kind: kindOf(mayBeManifest), digest: each })),
      ...optional.map((each) => ({ kind: kindOf(false), digest: each })),
      ...(await referrersOf(records, repository, digest)),
    ],
  }
}

function kindOf(mayBeManifest: boolean): 'manifest' | 'blob' {
  return mayBeManifest ? 'manifest' : 'blob'
}

/** A stored document that is not read any more as it was when it was pushed keeps its edges, which then lead nowhere. */
function readStored({
  bytes,
  mediaType,
}: ManifestRecord): Pick<ReadManifest, 'needed' | 'optional' | 'subject'> {
  try {
    return readPushedManifest(bytes, mediaType)
  } catch (error) {
    if (error instanceof ProtocolError) return { needed: [], optional: [], subject: undefined }
    throw error
  }
}

async function referrersOf(
  records: RecordStore,
  repository: RepositoryName,
  subject: Digest,
): Promise<ManifestEdges['released']> {
  const found: { readonly kind: 'manifest'; readonly digest: Digest }[] = []
  const prefix = prefixes.referrers(repository, subject)
  for (let after: string | undefined; ;) {
    const keys = await records.listKeys({ prefix, after, limit: 1000 })
    for (const each of keys) {
      const key = parseKey(each)
      if (key?.in === 'referrers') found.push({ kind: 'manifest', digest: key.by })
    }
    after = keys.at(-1)
    if (after === undefined || keys.length < 1000) return found
  }
}
