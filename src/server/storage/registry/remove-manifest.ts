import type { Digest } from '../../../oci/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import type { RecordStore, StoredRecord } from '../records/record-store.ts'
import { ChangeSet } from './change-set.ts'
import { findUser } from './find-user.ts'
import { manifestKey, prefixes, queueKey } from './keys.ts'
import { listAll } from './list-all.ts'
import { type ManifestEdges, readManifestEdges } from './manifest-edges.ts'
import { decodeManifest, encodeManifest } from './manifest-record.ts'
import type { StorageContext } from './storage-context.ts'
import { decodeTag } from './tag-record.ts'
import { type Plan, writeUntilDone } from './write-until-done.ts'

/** What {@link removeManifest} came to. */
export type RemovalOutcome =
  | { readonly outcome: 'removed' | 'missing' }
  /** It stays, since this manifest needs it. */
  | { readonly outcome: 'used'; readonly by: Digest }
  /** It stays, since it is not any more what `version` said. */
  | { readonly outcome: 'changed' }

/** Options of {@link removeManifest}. */
export interface RemoveManifestOptions {
  /** The state of its record that must be the present one, and that has no tags; default: any, and its tags go too. */
  readonly version?: string | undefined
}

const maxAttempts = 20
const nothing = new Uint8Array()

/**
 * Removes a manifest: its tags; then it is condemned and answers as missing; then its edges go, and itself. What it
 * named and what refers to it is queued. Where this ends early, a queue entry has the collector call it again.
 *
 * Against a push at the same time: the edges' versions are read before the manifest is condemned, so that edges that
 * are written anew by a push which revives it are others; and who needs it is looked at once more afterwards, since a
 * push whose check it passed before has written its edges by then.
 */
export async function removeManifest(
  context: StorageContext,
  repository: RepositoryName,
  digest: Digest,
  options: RemoveManifestOptions = {},
): Promise<RemovalOutcome> {
  const { records } = context
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const claim = await writeUntilDone(records, () => planClaim(context, repository, digest, options))
    if (claim.outcome !== 'claimed') return claim
    const user = await findUser(context, repository, digest)
    if (user !== undefined) {
      await restoreManifest(context, repository, digest)
      return { outcome: 'used', by: user }
    }
    const claimed = await readCondemned(records, repository, digest)
    if (claimed === undefined || (await deleteClaimed(context, repository, claimed, claim.edges)))
      return { outcome: claim.wasThere ? 'removed' : 'missing' }
  }
  throw new ProtocolError('UNAVAILABLE', 'the manifest is being pushed again and again', {
    headers: { 'Retry-After': '1' },
  })
}

type Claim =
  | RemovalOutcome
  | { readonly outcome: 'claimed'; readonly wasThere: boolean; readonly edges: ManifestEdges }

async function planClaim(
  context: StorageContext,
  repository: RepositoryName,
  digest: Digest,
  { version }: RemoveManifestOptions,
): Promise<Plan<Claim>> {
  const { records, now } = context
  const record = await records.get(manifestKey(repository, digest))
  if (record === undefined) return unchanged({ outcome: 'missing' })
  const manifest = decodeManifest(record)
  const user = await findUser(context, repository, digest)
  if (user !== undefined && manifest.condemned === undefined) return unchanged({ outcome: 'used', by: user })
  const tags = await tagsOn(records, repository, digest)
  if (version !== undefined && (record.version !== version || tags.length > 0))
    return unchanged({ outcome: 'changed' })
  const edges = await readManifestEdges(records, repository, digest, manifest)
  const changes = new ChangeSet()
  changes.put(queueKey(now(), { kind: 'manifest', repository, digest }), nothing)
  for (const tag of tags) changes.delete(tag.key, tag.version)
  changes.swap(record.key, encodeManifest({ ...manifest, condemned: now() }), record.version)
  const wasThere = manifest.condemned === undefined
  return { changes: changes.list(), result: { outcome: 'claimed', wasThere, edges } }
}

function unchanged(result: RemovalOutcome): Plan<Claim> {
  return { changes: [], result }
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

/** Deletes a condemned manifest behind its edges; false when somebody was in between. */
async function deleteClaimed(
  { records, now, gracePeriodMs }: StorageContext,
  repository: RepositoryName,
  claimed: StoredRecord,
  edges: ManifestEdges,
): Promise<boolean> {
  const changes = new ChangeSet()
  const due = now() + gracePeriodMs
  for (const subject of edges.released) {
    changes.put(queueKey(due, { ...subject, repository }), nothing)
  }
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
export async function restoreManifest(
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
