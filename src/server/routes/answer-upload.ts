import type { Digest } from '../../oci/index.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { Upload } from '../storage/registry/registry-storage.ts'
import { answer } from './answer.ts'
import type { ProtocolCall } from './protocol-call.ts'

/** Answers with where an upload goes on and what has arrived. */
export function answerUpload(
  { request, response }: ProtocolCall,
  status: 202 | 204,
  repository: RepositoryName,
  upload: Upload,
): Promise<void> {
  return answer(request, response, status, [
    ...Object.entries(uploadHeaders(repository, upload)).flat(),
    'Docker-Upload-UUID',
    upload.id,
  ])
}

/** The headers that tell a client where its upload goes on. */
export function uploadHeaders(repository: RepositoryName, { id, size }: Upload): Record<string, string> {
  return {
    Location: `/v2/${repository}/blobs/uploads/${id}`,
    // The last byte that is there: clients read an upload of none as this, since no range says it.
    Range: `0-${Math.max(0, size - 1)}`,
  }
}

/** Answers that a repository has a blob now. */
export function answerBlobCreated(
  { request, response }: ProtocolCall,
  repository: RepositoryName,
  digest: Digest,
): Promise<void> {
  const location = `/v2/${repository}/blobs/${digest}`
  return answer(request, response, 201, ['Location', location, 'Docker-Content-Digest', digest])
}
