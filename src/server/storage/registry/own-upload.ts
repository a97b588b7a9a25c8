import { NotFoundError, type OperationOptions } from '../../../content/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import type { StoredRecord } from '../records/record-store.ts'
import { isUploadId, uploadKey } from './keys.ts'
import type { StorageContext } from './storage-context.ts'
import { decodeUpload, encodeUpload, type UploadRecord } from './upload-record.ts'

/** An upload's record with its version. */
export interface FoundUpload {
  readonly record: StoredRecord
  readonly upload: UploadRecord
}

/** Reads an upload's record; undefined when there is none in this repository. */
export async function readUpload(
  { records }: StorageContext,
  repository: RepositoryName,
  id: string,
): Promise<FoundUpload | undefined> {
  if (!isUploadId(id)) return undefined
  const record = await records.get(uploadKey(repository, id))
  return record === undefined ? undefined : { record, upload: decodeUpload(record) }
}

/**
 * Reads an upload that is to be written. One that another process began is taken over: from then on only this process
 * writes it, and the other one cannot touch its bytes any more. One that is committed is given as it is. Called for one
 * upload at a time in a process.
 *
 * @throws {ProtocolError} BLOB_UPLOAD_UNKNOWN.
 */
export async function ownUpload(
  context: StorageContext,
  repository: RepositoryName,
  id: string,
  options: OperationOptions = {},
): Promise<FoundUpload> {
  for (;;) {
    options.signal?.throwIfAborted()
    const found = await readUpload(context, repository, id)
    if (found === undefined) throw uploadUnknown()
    if (found.upload.owner === context.processId || found.upload.committed !== undefined) return found
    await takeOver(context, found, options)
  }
}

export function uploadUnknown(): ProtocolError {
  return new ProtocolError('BLOB_UPLOAD_UNKNOWN', 'there is no such upload in this repository')
}

async function takeOver(
  { records, blobs, processId }: StorageContext,
  { record, upload }: FoundUpload,
  options: OperationOptions,
): Promise<void> {
  const copy = await blobs.takeOver(upload.upload, options).catch(async (error: unknown) => {
    if (!(error instanceof NotFoundError)) throw error
    // Another request may have taken it over just now; what it wrote is read next.
    if ((await records.get(record.key))?.version !== record.version) return undefined
    throw uploadUnknown()
  })
  if (copy === undefined) return
  const value = encodeUpload({ ...upload, upload: copy, owner: processId })
  const change = { kind: 'put', key: record.key, value, expected: record.version } as const
  const { done } = await records.write([change], { durable: false })
  if (!done) await blobs.cancel(copy)
}
