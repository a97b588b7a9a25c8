import type { Digest } from '../../../oci/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import type { AddingSteps, ChangeSet } from './change-set.ts'
import { encodeEdge } from './edge-record.ts'
import { manifestKey, queueKey, tagKey, tagOfKey } from './keys.ts'
import { decodeManifest, encodeManifest } from './manifest-record.ts'
import type { StoredTag } from './registry-storage.ts'
import type { StorageContext } from './storage-context.ts'
import { decodeTag, encodeTag } from './tag-record.ts'

/** What {@link moveTag} does. */
export interface TagMove {
  readonly repository: RepositoryName
  readonly tag: string
  /** What the tag names from now on; it is stored in the same write. */
  readonly target: StoredTag
  readonly isImmutable?: ((tag: string) => boolean) | undefined
}

/**
 * Lets a tag name a manifest. One that it named before is kept for the grace period.
 *
 * @throws {ProtocolError} DENIED for an immutable tag that names another.
 */
export async function moveTag(
  context: StorageContext,
  { edges, things, names, leftovers }: AddingSteps,
  { repository, tag, target, isImmutable }: TagMove,
): Promise<void> {
  const key = tagKey(repository, tag)
  const stored = await context.records.get(key)
  const before = stored === undefined ? undefined : decodeTag(stored)
  const stays = before !== undefined && isImmutable?.(tag) === true
  if (stays && before.digest !== target.digest) {
    throw new ProtocolError('DENIED', 'the tag is immutable and names another manifest', {
      detail: { tag, digest: before.digest },
    })
  }
  if (stays) return
  edges.put(tagOfKey(repository, target.digest, tag), encodeEdge(context.now()))
  names.swap(key, encodeTag(target), stored?.version ?? null)
  if (before === undefined || before.digest === target.digest) return
  await keepForGracePeriod(context, { edges, things }, repository, before.digest)
  await deleteTagOf(context, leftovers, repository, before.digest, tag)
}

/** Has the collector look at a manifest that lost a tag when the grace period from now has passed, and not before. */
export async function keepForGracePeriod(
  { records, now, gracePeriodMs }: StorageContext,
  { edges, things }: { readonly edges: ChangeSet; readonly things: ChangeSet },
  repository: RepositoryName,
  digest: Digest,
): Promise<void> {
  const key = manifestKey(repository, digest)
  const record = await records.get(key)
  if (record === undefined) return
  const manifest = decodeManifest(record)
  if (manifest.condemned !== undefined) return
  edges.put(queueKey(now() + gracePeriodMs, { kind: 'manifest', repository, digest }), new Uint8Array())
  things.swap(key, encodeManifest({ ...manifest, since: now() }), record.version)
}

/** Deletes the edge of a tag as it is now: one that somebody writes anew meanwhile is another. */
export async function deleteTagOf(
  { records }: StorageContext,
  leftovers: ChangeSet,
  repository: RepositoryName,
  digest: Digest,
  tag: string,
): Promise<void> {
  const edge = await records.get(tagOfKey(repository, digest, tag))
  if (edge !== undefined) leftovers.delete(edge.key, edge.version)
}
