import type { Digest } from '../../../oci/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import type { Change } from '../records/record-store.ts'
import { encodeEdge } from './edge-record.ts'
import { manifestKey, referrerKey, useKey } from './keys.ts'
import { decodeManifest } from './manifest-record.ts'
import { type ReadManifest, readPushedManifest } from './read-pushed-manifest.ts'
import { encodeReferrer } from './referrer-record.ts'
import { referrerOf } from './referrer-of.ts'
import type { StorageContext } from './storage-context.ts'

/**
 * Writes what a manifest that is there lacks of its edges. In a store that does steps one by one a delete may take them
 * that was overtaken: by a push that stores the manifest again, or by an index that has come to need it.
 */
export async function restoreEdges(
  { records, now }: StorageContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<void> {
  const record = await records.get(manifestKey(repository, digest))
  const stored = record === undefined ? undefined : decodeManifest(record)
  if (stored === undefined || stored.condemned !== undefined) return
  const manifest = readStored(stored.bytes, stored.mediaType)
  if (manifest === undefined) return
  const edges = [...manifest.needed.map((each) => each.digest), ...manifest.optional].map(
    (content): Change => ({
      kind: 'put',
      key: useKey(repository, content, digest),
      value: encodeEdge(now()),
    }),
  )
  if (manifest.subject !== undefined)
    edges.push({
      kind: 'put',
      key: referrerKey(repository, manifest.subject, digest),
      value: encodeReferrer(referrerOf({ digest, bytes: stored.bytes }, manifest)),
    })
  const lost: Change[] = []
  for (const edge of edges) if ((await records.get(edge.key)) === undefined) lost.push(edge)
  if (lost.length > 0) await records.write(lost)
}

/** A stored document that is not read any more as it was when it was pushed has the edges that it has. */
function readStored(bytes: Uint8Array, mediaType: string): ReadManifest | undefined {
  try {
    return readPushedManifest(bytes, mediaType)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
