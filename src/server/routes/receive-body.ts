import { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { Upload } from '../storage/registry/registry-storage.ts'
import type { ProtocolCall, ProtocolSettings } from './protocol-call.ts'
import { repositoryFull, roomIn } from './repository-room.ts'
import { acceptBody, declaredLength } from './request-body.ts'

/** Where a body goes. */
export interface ReceivingUpload {
  readonly repository: RepositoryName
  readonly upload: string
  /** Bytes that the upload has. */
  readonly received: number
  /** The first byte's place as the client says it. */
  readonly offset: number | undefined
}

/**
 * Streams a request's body into an upload. What is declared too long is refused before a byte is read; what turns out
 * to be too long, as soon as it does. When the client goes away, what came stays.
 *
 * @throws {ProtocolError} SIZE_INVALID with status 413 for more than a blob may have, DENIED with status 413 for more
 * than the repository has room for, and what {@link Uploads.append} throws.
 */
export async function receiveBody(
  settings: ProtocolSettings,
  { request, response, trace }: ProtocolCall,
  { repository, upload, received, offset }: ReceivingUpload,
): Promise<Upload> {
  const declared = declaredLength(request)
  const room = await roomIn(settings, repository)
  const maxSize = Math.min(settings.maxBlobBytes, room)
  if (received + (declared ?? 0) > maxSize) throw tooLarge(settings, room)
  acceptBody(request, response)
  try {
    return await settings.storage.uploads.append(repository, upload, request, {
      offset,
      maxSize,
      signal: trace.signal,
    })
  } catch (error) {
    if (error instanceof ProtocolError && error.status === 413) throw tooLarge(settings, room)
    throw error
  }
}

function tooLarge({ maxBlobBytes }: ProtocolSettings, room: number): ProtocolError {
  return room < maxBlobBytes
    ? repositoryFull()
    : new ProtocolError('SIZE_INVALID', `a blob has at most ${maxBlobBytes} bytes`, { status: 413 })
}
