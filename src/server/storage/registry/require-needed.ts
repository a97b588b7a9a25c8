import type { OperationOptions } from '../../../content/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import { decodeBlob, encodeBlob } from './blob-record.ts'
import type { AddingSteps } from './change-set.ts'
import { blobKey, manifestKey } from './keys.ts'
import { decodeManifest, encodeManifest } from './manifest-record.ts'
import type { NeededContent } from './read-pushed-manifest.ts'
import { isFresh, type StorageContext } from './storage-context.ts'

/** How many records are read at a time. */
const batchSize = 64

/** The most bytes of manifests that are read for one index. */
const maxChildBytes = 256 * 1024 * 1024

/**
 * Holds a write to it that the repository has what a manifest needs. What was not wanted lately is written anew as
 * wanted now; of the rest the version is checked, which two pushes at once may do without hindering each other.
 * Either makes a conflict for who takes the content away, and the other way round.
 *
 * @throws {ProtocolError} MANIFEST_BLOB_UNKNOWN with each that is missing.
 */
export async function requireNeeded(
  context: StorageContext,
  steps: AddingSteps,
  repository: RepositoryName,
  needed: readonly NeededContent[],
  { signal }: OperationOptions,
): Promise<void> {
  const missing: NeededContent[] = []
  let childBytes = 0
  for (let start = 0; start < needed.length; start += batchSize) {
    signal?.throwIfAborted()
    const batch = needed.slice(start, start + batchSize)
    const found = await Promise.all(batch.map((content) => requireOne(context, steps, repository, content)))
    for (const [place, bytes] of found.entries()) {
      const content = batch[place]
      if (bytes === undefined && content !== undefined) missing.push(content)
      childBytes += bytes ?? 0
    }
    if (childBytes > maxChildBytes) {
      throw new ProtocolError(
        'MANIFEST_INVALID',
        `Cannot store the manifest: the manifests that it names have more than ${maxChildBytes} bytes`,
      )
    }
  }
  if (missing.length === 0) return
  throw new ProtocolError('MANIFEST_BLOB_UNKNOWN', 'the repository does not have what the manifest names', {
    detail: missing.map(({ digest, mediaType }) => ({ digest, mediaType })),
  })
}

/** Gives the bytes of a manifest that were read, 0 for a blob; undefined when it is not there. */
async function requireOne(
  context: StorageContext,
  steps: AddingSteps,
  repository: RepositoryName,
  { digest, mayBeManifest }: NeededContent,
): Promise<number | undefined> {
  const bytes = mayBeManifest
    ? await requireManifest(context, steps, manifestKey(repository, digest))
    : undefined
  return bytes ?? (await requireBlob(context, steps, blobKey(repository, digest)))
}

async function requireManifest(
  context: StorageContext,
  { things }: AddingSteps,
  key: string,
): Promise<number | undefined> {
  const record = await context.records.get(key)
  if (record === undefined) return undefined
  const manifest = decodeManifest(record)
  if (manifest.condemned !== undefined) return undefined
  if (isFresh(context, manifest.since)) things.check(key, record.version)
  else things.swap(key, encodeManifest({ ...manifest, since: context.now() }), record.version)
  return manifest.bytes.length
}

async function requireBlob(
  context: StorageContext,
  { things }: AddingSteps,
  key: string,
): Promise<number | undefined> {
  const record = await context.records.get(key)
  if (record === undefined) return undefined
  const blob = decodeBlob(record)
  if (blob.condemned !== undefined) return undefined
  if (isFresh(context, blob.since)) things.check(key, record.version)
  else things.swap(key, encodeBlob({ ...blob, since: context.now() }), record.version)
  return 0
}
