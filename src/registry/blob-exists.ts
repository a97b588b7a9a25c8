import { NotFoundError, type OperationOptions } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

/** Says whether a blob is there. */
export async function blobExists(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  options: OperationOptions,
): Promise<boolean> {
  const doing = `look for ${descriptor.digest} at ${endpoint.display}`
  const response = await endpoint.request({
    doing,
    method: 'HEAD',
    to: `blobs/${descriptor.digest}`,
    actions: ['pull'],
    signal: options.signal,
  })
  await response.discard()
  if (response.status === 200) return true
  const error = await endpoint.error(response, doing)
  if (error instanceof NotFoundError) return false
  throw error
}
