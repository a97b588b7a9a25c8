import type { Digest } from '../../../oci/index.ts'
import type { RepositoryName } from '../../repository-name.ts'
import type { RecordStore, StoredRecord } from '../records/record-store.ts'
import { ChangeSet } from './change-set.ts'
import { findUser } from './find-user.ts'
import { manifestKey, prefixes, queueKey } from './keys.ts'
import { listAll } from './list-all.ts'
import { type ManifestEdges, readManifestEdges } from './manifest-edges.ts'
import { decodeManifest, encodeManifest } from './manifest-record.ts'
import { restoreEdges } from './restore-edges.ts'
import type { StorageContext } from './storage-context.ts'
import { decodeTag } from './tag-record.ts'
import { type Plan, writeUntilDone } from './write-until-done.ts'

/** What a removal came to; `used`: it stays, since this manifest needs it. */
export type RemovalOutcome =
  | { readonly outcome: 'removed' | 'missing' }
  | { readonly outcome: 'used'; readonly by: Digest }

const nothing = new Uint8Array()

/**
 * Removes a manifest: its tags; then it is condemned and answers as missing; then its edges go, and itself. What it
 * named and what refers to it is queued. Where this ends early, a queue entry has the collector go on with it.
 *
 * Against a push at the same time: the edges' versions are read before the manifest is condemned, so that edges that
 * are written anew by a push which revives it are others; and who needs or names it is looked at once more afterwards,
 * since a push whose check it passed before has written its edges by then.
 */
export async function removeManifest(
  context: StorageContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<RemovalOutcome> {
  const { records } = context
  const first = await claim({ again: false })
  for (let next = first; next.outcome === 'claimed'; next = await claim({ again: true })) {
    const user = await findUser(context, repository, digest)
    if (user !== undefined) {
      await restoreManifest(context, repository, digest)
      await restoreEdges(context, repository, digest)
      return { outcome: 'used', by: user }
    }
    // Tags are read while it is condemned for sure: one that is set by a push which revives it has another version.
    const tags = await tagsOn(records, repository, digest)
    const claimed = await readCondemned(records, repository, digest)
    if (claimed === undefined) break
    if (await deleteClaimed(context, repository, { claimed, tags, edges: next.edges })) break
    // Somebody was in between: edges may be gone of what is there again.
    await restoreEdges(context, repository, digest)
  }
  if (first.outcome !== 'claimed') return first
  return { outcome: first.wasThere ? 'removed' : 'missing' }

  function claim(options: { readonly again: boolean }): Promise<Claim> {
    return writeUntilDone(records, () => planClaim(context, repository, digest, options))
  }
}

type Claim =
  | RemovalOutcome
  | { readonly outcome: 'claimed'; readonly wasThere: boolean; readonly edges: ManifestEdges }

/** @param again Only what is condemned is claimed: what was pushed anew since the first time stays. */
async function planClaim(
  context: StorageContext,
  repository: RepositoryName,
  digest: Digest,
  { again }: { readonly again: boolean },
): Promise<Plan<Claim>> {
  const { records, now } = context
  const record = await records.get(manifestKey(repository, digest))
  if (record === undefined) return { changes: [], result: { outcome: 'missing' } }
  const manifest = decodeManifest(record)
  const wasThere = manifest.condemned === undefined
  if (wasThere && again) return { changes: [], result: { outcome: 'missing' } }
  const user = wasThere ? await findUser(context, repository, digest) : undefined
  if (user !== undefined) return { changes: [], result: { outcome: 'used', by: user } }
  const edges = await readManifestEdges(records, repository, digest, manifest)
  const changes = new ChangeSet()
  changes.put(queueKey(now(), { kind: 'manifest', repository, digest }), nothing)
  // Names go first. Those of a manifest that is condemned already lead nowhere, and may be a push's that revives it.
  const tags = wasThere ? await tagsOn(records, repository, digest) : []
  for (const tag of tags) changes.delete(tag.key, tag.version)
  changes.swap(record.key, encodeManifest({ ...manifest, condemned: now() }), record.version)
  return { changes: changes.list(), result: { outcome: 'claimed', wasThere, edges } }
}

/** The records of the tags that name a manifest. */
async function tagsOn(
  records: RecordStore,
  repository: RepositoryName,
  digest: Digest,
): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = []
  const prefix = prefixes.tagsOf(repository, digest)
  for await (const edge of listAll(records, prefix)) {
    const tag = await records.get(prefixes.tags(repository) + edge.key.slice(prefix.length))
    if (tag !== undefined && decodeTag(tag).digest === digest) found.push(tag)
  }
  return found
}

/** Deletes a condemned manifest behind its tags and edges; false when somebody was in between. */
async function deleteClaimed(
  { records, now, gracePeriodMs }: StorageContext,
  repository: RepositoryName,
  {
    claimed,
    tags,
    edges,
  }: {
    readonly claimed: StoredRecord
    readonly tags: readonly StoredRecord[]
    readonly edges: ManifestEdges
  },
): Promise<boolean> {
  const changes = new ChangeSet()
  const due = now() + gracePeriodMs
  for (const subject of edges.released) {
    changes.put(queueKey(due, { ...subject, repository }), nothing)
  }
  for (const tag of tags) changes.delete(tag.key, tag.version)
  for (const edge of edges.records) changes.delete(edge.key, edge.version)
  changes.delete(claimed.key, claimed.version)
  return (await records.write(changes.list())).done
}

async function readCondemned(
  records: RecordStore,
  repository: RepositoryName,
  digest: Digest,
): Promise<StoredRecord | undefined> {
  const record = await records.get(manifestKey(repository, digest))
  return record === undefined || decodeManifest(record).condemned === undefined ? undefined : record
}

/** Lets a condemned manifest be there again. */
async function restoreManifest(
  { records, now }: StorageContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<void> {
  await writeUntilDone(records, async () => {
    const record = await readCondemned(records, repository, digest)
    if (record === undefined) return { changes: [], result: undefined }
    const value = encodeManifest({ ...decodeManifest(record), since: now(), condemned: undefined })
    return {
      changes: [{ kind: 'put', key: record.key, value, expected: record.version }],
      result: undefined,
    }
  })
}
