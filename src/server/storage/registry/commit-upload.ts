import { DamagedContentError, NotFoundError, type OperationOptions } from '../../../content/index.ts'
import type { Digest } from '../../../oci/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import type { CommittedBlob } from '../blobs/blob-store.ts'
import { addBlob } from './add-blob.ts'
import { findBlob } from './blobs.ts'
import { AddingSteps } from './change-set.ts'
import { type FoundUpload, ownUpload, readUpload, uploadUnknown } from './own-upload.ts'
import type { StoredBlob } from './registry-storage.ts'
import type { StorageContext } from './storage-context.ts'
import { encodeUpload } from './upload-record.ts'
import { writeUntilDone } from './write-until-done.ts'

/**
 * Makes an upload a blob: its bytes and their name are safe first, then the records. The upload's record says which
 * blob it became, so that a client that did not get the answer may ask again (jib#4301: it was told 404).
 */
export async function commitUpload(
  context: StorageContext,
  repository: RepositoryName,
  id: string,
  digest: Digest,
  options: OperationOptions = {},
): Promise<StoredBlob> {
  const found = await ownUpload(context, repository, id, options)
  if (found.upload.committed !== undefined) return committedBefore(context, repository, found, digest)
  const fresh = await commitBytes(context, repository, id, found, digest, options)
  if ('digest' in fresh) return fresh
  const blob = await writeUntilDone(context.records, () =>
    planCommit(context, repository, found, digest, fresh),
  )
  // Another copy was there already. Where this deletion fails the sweep of what no record names comes upon it.
  if (blob.key !== fresh.key) await context.blobs.delete(fresh.key).catch(() => undefined)
  return blob
}

/** Commits the bytes; gives the blob where another request with the same upload was first. */
async function commitBytes(
  context: StorageContext,
  repository: RepositoryName,
  id: string,
  { record, upload }: FoundUpload,
  digest: Digest,
  options: OperationOptions,
): Promise<CommittedBlob | StoredBlob> {
  try {
    return await context.blobs.commit(upload.upload, digest, options)
  } catch (error) {
    if (error instanceof DamagedContentError) {
      const change = { kind: 'delete', key: record.key, expected: record.version } as const
      await context.records.write([change], { durable: false })
      throw new ProtocolError('DIGEST_INVALID', 'the bytes that arrived have another digest', {
        detail: { digest },
        cause: error,
      })
    }
    if (!(error instanceof NotFoundError)) throw error
    const now = await readUpload(context, repository, id)
    if (now === undefined) throw uploadUnknown()
    return committedBefore(context, repository, now, digest)
  }
}

/** @throws {ProtocolError} BLOB_UPLOAD_UNKNOWN when the upload became another blob, or this one is gone again. */
async function committedBefore(
  context: StorageContext,
  repository: RepositoryName,
  { upload }: FoundUpload,
  digest: Digest,
): Promise<StoredBlob> {
  const blob = upload.committed === digest ? await findBlob(context, repository, digest) : undefined
  if (blob === undefined) throw uploadUnknown()
  return blob
}

async function planCommit(
  context: StorageContext,
  repository: RepositoryName,
  { record, upload }: FoundUpload,
  digest: Digest,
  fresh: CommittedBlob,
): Promise<{ changes: ReturnType<AddingSteps['list']>; result: StoredBlob }> {
  const steps = new AddingSteps()
  const blob = await addBlob(context, steps, repository, digest, fresh)
  if (blob === undefined) throw uploadUnknown()
  const value = encodeUpload({ ...upload, committed: digest, committedAt: context.now() })
  steps.leftovers.put(record.key, value)
  return { changes: steps.list(), result: blob }
}
