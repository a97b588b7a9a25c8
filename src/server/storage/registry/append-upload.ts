import type { Readable } from 'node:stream'
import { NotFoundError } from '../../../content/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import { UploadInterruptedError, UploadOffsetError, UploadTooLargeError } from '../blobs/upload-errors.ts'
import { uploadKey } from './keys.ts'
import { ownUpload, uploadUnknown } from './own-upload.ts'
import type { AppendUploadOptions, Upload } from './registry-storage.ts'
import type { StorageContext } from './storage-context.ts'
import type { Turns } from './turns.ts'

/** Writes a chunk of an upload. @throws {ProtocolError} as {@link Uploads.append} says. */
export async function appendUpload(
  context: StorageContext,
  turns: Turns,
  repository: RepositoryName,
  id: string,
  body: Readable,
  { offset, maxSize, signal }: AppendUploadOptions,
): Promise<Upload> {
  const { upload } = await turns.take(uploadKey(repository, id), () =>
    ownUpload(context, repository, id, { signal }),
  )
  if (upload.committed !== undefined) throw uploadUnknown()
  const size = await context.blobs.uploadSize(upload.upload)
  if (size === undefined) throw uploadUnknown()
  if (offset !== undefined && offset !== size) throw outOfOrder(size)
  try {
    return { id, size: await context.blobs.append(upload.upload, body, { offset: size, maxSize, signal }) }
  } catch (error) {
    throw asProtocolError(error)
  }
}

function asProtocolError(error: unknown): unknown {
  if (error instanceof NotFoundError) return uploadUnknown()
  if (error instanceof UploadOffsetError) return outOfOrder(error.size, error)
  if (error instanceof UploadTooLargeError) {
    return new ProtocolError('SIZE_INVALID', `a blob may have ${error.maxSize} bytes here`, {
      status: 413,
      cause: error,
    })
  }
  if (error instanceof UploadInterruptedError) {
    return new ProtocolError('BLOB_UPLOAD_INVALID', 'another request works on this upload', { cause: error })
  }
  return error
}

/** The answer to a chunk that does not begin where the upload ends (distribution specification, "Pushing a blob in chunks"). */
function outOfOrder(size: number, cause?: unknown): ProtocolError {
  return new ProtocolError('BLOB_UPLOAD_INVALID', `the upload goes on at byte ${size}`, {
    status: 416,
    headers: { Range: `0-${Math.max(size - 1, 0)}` },
    cause,
  })
}
