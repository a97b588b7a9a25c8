import type { Digest } from '../../oci/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { Upload } from '../storage/registry/registry-storage.ts'
import { answer } from './answer.ts'
import { answerBlobCreated, answerUpload, uploadHeaders } from './answer-upload.ts'
import { parseContentRange } from './parse-content-range.ts'
import type { ProtocolCall, ProtocolSettings } from './protocol-call.ts'
import { receiveBody } from './receive-body.ts'
import { commitInRoom } from './repository-room.ts'
import { declaredLength } from './request-body.ts'

/** An upload that a path names. */
export interface UploadRoute {
  readonly repository: RepositoryName
  readonly upload: string
}

/** `GET /v2/<name>/blobs/uploads/<id>`: what has arrived. */
export async function getUpload(
  settings: ProtocolSettings,
  call: ProtocolCall,
  route: UploadRoute,
): Promise<void> {
  return answerUpload(call, 204, route.repository, await findUpload(settings, route))
}

/** `PATCH /v2/<name>/blobs/uploads/<id>`: a chunk with `Content-Range`, or a stream without. */
export async function appendUpload(
  settings: ProtocolSettings,
  call: ProtocolCall,
  route: UploadRoute,
): Promise<void> {
  const upload = await appendChunk(settings, call, route, await findUpload(settings, route))
  return answerUpload(call, 202, route.repository, upload)
}

/** `PUT /v2/<name>/blobs/uploads/<id>?digest=`: closes an upload, with its last chunk or without. */
export async function finishUpload(
  settings: ProtocolSettings,
  call: ProtocolCall,
  route: UploadRoute & { readonly digest: Digest },
): Promise<void> {
  const { repository, upload: id, digest } = route
  const { storage } = settings
  const upload = await storage.uploads.find(repository, id)
  if (upload === undefined) {
    // A client that did not see the answer to its commit sends it again: the blob is there, and that is what it asks.
    if ((await storage.blobs.find(repository, digest)) === undefined) throw unknown()
    return answerBlobCreated(call, repository, digest)
  }
  if (declaredLength(call.request) !== 0) await appendChunk(settings, call, route, upload)
  await commitInRoom(settings, { repository, upload: id, digest }, call.trace.signal)
  return answerBlobCreated(call, repository, digest)
}

/** `DELETE /v2/<name>/blobs/uploads/<id>`. */
export async function cancelUpload(
  { storage }: ProtocolSettings,
  { request, response }: ProtocolCall,
  { repository, upload }: UploadRoute,
): Promise<void> {
  if (!(await storage.uploads.cancel(repository, upload))) throw unknown()
  return answer(request, response, 204, [])
}

/**
 * Receives a chunk. One that is out of order is told where the upload goes on, and the upload stands as it did.
 */
async function appendChunk(
  settings: ProtocolSettings,
  call: ProtocolCall,
  route: UploadRoute,
  upload: Upload,
): Promise<Upload> {
  const { repository } = route
  const header = call.request.headers['content-range']
  const offset =
    header === undefined ? undefined : parseContentRange(header, declaredLength(call.request)).start
  if (offset !== undefined && offset !== upload.size) throw outOfOrder(repository, upload)
  try {
    return await receiveBody(settings, call, { repository, upload: upload.id, received: upload.size, offset })
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.status !== 416) throw error
    throw outOfOrder(repository, await findUpload(settings, route))
  }
}

async function findUpload(
  { storage }: ProtocolSettings,
  { repository, upload }: UploadRoute,
): Promise<Upload> {
  const found = await storage.uploads.find(repository, upload)
  if (found === undefined) throw unknown()
  return found
}

function outOfOrder(repository: RepositoryName, upload: Upload): ProtocolError {
  return new ProtocolError('BLOB_UPLOAD_INVALID', `the next chunk begins at byte ${upload.size}`, {
    status: 416,
    headers: uploadHeaders(repository, upload),
  })
}

function unknown(): ProtocolError {
  return new ProtocolError('BLOB_UPLOAD_UNKNOWN', 'the repository has no such upload')
}
