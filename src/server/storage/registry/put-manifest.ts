import type { OperationOptions } from '../../../content/index.ts'
import { type Digest, digestAlgorithm, digestOf } from '../../../oci/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import { AddingSteps } from './change-set.ts'
import { encodeEdge } from './edge-record.ts'
import { manifestKey, referrerKey, repositoryKey, useKey } from './keys.ts'
import { decodeManifest, encodeManifest, type ManifestRecord } from './manifest-record.ts'
import { moveTag } from './move-tag.ts'
import { type ReadManifest, readPushedManifest } from './read-pushed-manifest.ts'
import { referrerOf } from './referrer-of.ts'
import { encodeReferrer } from './referrer-record.ts'
import type { PushedManifest, PutManifestOutcome } from './registry-storage.ts'
import { encodeRepository } from './repository-record.ts'
import { requireNeeded } from './require-needed.ts'
import { restoreEdges } from './restore-edges.ts'
import { isFresh, type StorageContext } from './storage-context.ts'
import { type Plan, writeUntilDone } from './write-until-done.ts'

/** The most bytes of a manifest, so that it fits a record's value with its first line. */
const maxStoredBytes = 8 * 1024 * 1024 - 4096

/**
 * Stores a manifest: its edges, then itself, then its tags; what it names is held to be there in the same write.
 * One that the repository has already gets the tags, and is known to be wanted now.
 *
 * @throws {ProtocolError} as {@link Manifests.put} says.
 */
export async function putManifest(
  context: StorageContext,
  repository: RepositoryName,
  pushed: PushedManifest,
  options: OperationOptions = {},
): Promise<PutManifestOutcome> {
  options.signal?.throwIfAborted()
  if (pushed.bytes.length > maxStoredBytes) {
    throw new ProtocolError('SIZE_INVALID', `a manifest may have ${maxStoredBytes} bytes`, { status: 413 })
  }
  if (digestOf(pushed.bytes, digestAlgorithm(pushed.digest)) !== pushed.digest) {
    throw new ProtocolError('DIGEST_INVALID', 'the manifest has another digest', {
      detail: { digest: pushed.digest },
    })
  }
  const manifest = readPushedManifest(pushed.bytes, pushed.mediaType)
  const outcome = await write()
  let isNew = outcome.created
  // A store that does steps one by one lets a delete of the manifest in before its tags: they would name nothing.
  while (pushed.tags.length > 0 && !(await isThere(context, repository, pushed.digest)))
    isNew = (await write()).created || isNew
  // And a delete of the same manifest, pushed by another, before the manifest: it takes the edges with it.
  if (isNew) await restoreEdges(context, repository, pushed.digest)
  return outcome

  async function write(): Promise<PutManifestOutcome> {
    const plan = (): ReturnType<typeof planPut> => planPut(context, repository, pushed, manifest, options)
    return writeUntilDone(context.records, plan, options)
  }
}

async function isThere(
  { records }: StorageContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<boolean> {
  const record = await records.get(manifestKey(repository, digest))
  return record !== undefined && decodeManifest(record).condemned === undefined
}

async function planPut(
  context: StorageContext,
  repository: RepositoryName,
  pushed: PushedManifest,
  manifest: ReadManifest,
  options: OperationOptions,
): Promise<Plan<PutManifestOutcome>> {
  const { digest, bytes } = pushed
  const { mediaType, subject } = manifest
  const key = manifestKey(repository, digest)
  const stored = await context.records.get(key)
  const before = stored === undefined ? undefined : decodeManifest(stored)
  const isNew = before === undefined || before.condemned !== undefined
  const now = context.now()
  const steps = new AddingSteps()
  // A manifest that is there has its edges, and what it needs stays as long as it does.
  if (isNew || before.mediaType !== mediaType) {
    for (const { digest: content } of manifest.needed)
      steps.edges.put(useKey(repository, content, digest), encodeEdge(now))
    for (const content of manifest.optional)
      steps.edges.put(useKey(repository, content, digest), encodeEdge(now))
    await requireNeeded(context, steps, repository, manifest.needed, options)
    // Clients see this one: it comes when nothing but the manifest itself is left to be written.
    if (subject !== undefined)
      steps.things.put(referrerKey(repository, subject, digest), encodeReferrer(referrerOf(pushed, manifest)))
  }
  // Of one that is known to be wanted the version is checked: many pushes of it at once do not hinder each other.
  if (stored !== undefined && before !== undefined && isAsPushed(before) && isFresh(context, before.since))
    steps.things.check(key, stored.version)
  else {
    const pushedAt = isNew ? now : before.pushedAt
    const value = encodeManifest({ mediaType, pushedAt, since: now, bytes })
    steps.things.swap(key, value, stored?.version ?? null)
  }
  steps.names.put(repositoryKey(repository), encodeRepository({ since: now }))
  const target = { digest, mediaType, size: bytes.length, pushedAt: now }
  for (const tag of new Set(pushed.tags)) {
    await moveTag(context, steps, { repository, tag, target, isImmutable: pushed.isImmutable })
  }
  return { changes: steps.list(), result: { created: isNew, subject } }

  function isAsPushed(there: ManifestRecord): boolean {
    return (
      there.condemned === undefined &&
      there.mediaType === mediaType &&
      Buffer.compare(bytes, there.bytes) === 0
    )
  }
}
