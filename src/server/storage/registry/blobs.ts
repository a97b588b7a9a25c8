import type { Digest } from '../../../oci/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import { isRepositoryName, type RepositoryName } from '../../repository-name.ts'
import type { StoredRecord } from '../records/record-store.ts'
import { addBlob } from './add-blob.ts'
import { type BlobRecord, decodeBlob, encodeBlob } from './blob-record.ts'
import { AddingSteps } from './change-set.ts'
import { blobKey, prefixes } from './keys.ts'
import type { Blobs, StoredBlob } from './registry-storage.ts'
import { removeBlob } from './remove-blob.ts'
import { renew } from './renew.ts'
import { isFresh, type StorageContext } from './storage-context.ts'
import { type Plan, writeUntilDone } from './write-until-done.ts'

/** Blobs over `blobs/…`, `holders/…` and `content/…`. */
export function createBlobs(context: StorageContext): Blobs {
  const { records, blobs } = context
  return {
    async find(repository, digest) {
      return findBlob(context, repository, digest)
    },

    async open(blob, options) {
      return blobs.read(blob.key, { ...options, size: blob.size })
    },

    async isStored({ key, size }) {
      return blobs.has(key, size)
    },

    async mount(repository, digest, from) {
      return writeUntilDone(records, () => planMount(context, repository, digest, from))
    },

    async holders(digest, { after, limit, signal }) {
      signal?.throwIfAborted()
      const prefix = prefixes.holders(digest)
      const start = after === undefined ? undefined : prefix + after
      const keys = await records.listKeys({ prefix, after: start, limit })
      return keys.map((key) => key.slice(prefix.length)).filter(isRepositoryName)
    },

    async delete(repository, digest) {
      const removal = await removeBlob(context, repository, digest)
      if (removal.outcome === 'used') {
        throw new ProtocolError('UNSUPPORTED', 'a manifest of the repository needs this blob', {
          hint: 'Delete the manifest; what only it needs is removed after the grace period.',
          detail: { digest, usedBy: removal.by },
        })
      }
      return removal.outcome === 'removed'
    },
  }
}

/** Finds a blob that is not condemned, and has it stay for whoever relies on that. */
export async function findBlob(
  context: StorageContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<StoredBlob | undefined> {
  for (;;) {
    const record = await context.records.get(blobKey(repository, digest))
    if (record === undefined) return undefined
    const blob = decodeBlob(record)
    if (blob.condemned !== undefined) return undefined
    const { size, key } = blob
    if (isFresh(context, blob.since) || (await renewBlob(context, record, blob))) return { digest, size, key }
  }
}

async function renewBlob(context: StorageContext, record: StoredRecord, blob: BlobRecord): Promise<boolean> {
  return renew(context, record, encodeBlob({ ...blob, since: context.now() }))
}

async function planMount(
  context: StorageContext,
  repository: RepositoryName,
  digest: Digest,
  from: RepositoryName,
): Promise<Plan<StoredBlob | undefined>> {
  const source = await context.records.get(blobKey(from, digest))
  if (source === undefined || decodeBlob(source).condemned !== undefined)
    return { changes: [], result: undefined }
  const steps = new AddingSteps()
  const blob = await addBlob(context, steps, repository, digest, undefined)
  return blob === undefined ? { changes: [], result: blob } : { changes: steps.list(), result: blob }
}
