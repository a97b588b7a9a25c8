import { AccessRefusedError, type OperationOptions, UnavailableError } from '../content/index.ts'
import type { Descriptor } from '../oci/index.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'
import { repositoryScope } from './scope.ts'
import { sessionOf, type UploadSession } from './upload-session.ts'

/** What a registry made of a mount. */
export type MountResult =
  | { readonly mounted: true }
  | {
      readonly mounted: false
      readonly session?: UploadSession
      /** Access was refused: it will be for every other blob too. */
      readonly isRefused?: true
    }

/**
 * Asks a registry to take a blob over from another repository of its own (OCI distribution specification, "Mounting
 * a blob from another repository"). A mount only saves work: whatever a registry has against it, the blob can still
 * be uploaded, and an upload session that it opened instead is given for that.
 *
 * @param from The other repository's path.
 */
export async function mountBlob(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  from: string,
  options: OperationOptions,
): Promise<MountResult> {
  const doing = `mount ${descriptor.digest} from ${endpoint.host.name}/${from} in ${endpoint.display}`
  try {
    const response = await endpoint.request({
      doing,
      method: 'POST',
      to: `blobs/uploads/?mount=${encodeURIComponent(descriptor.digest)}&from=${encodeURIComponent(from)}`,
      headers: { 'content-length': '0' },
      actions: ['pull', 'push'],
      scopes: [repositoryScope(from, 'pull')],
      repeatable: true,
      signal: options.signal,
    })
    await response.discard()
    if (response.status === 201) return { mounted: true }
    if (response.status === 202) return { mounted: false, session: sessionOf(endpoint, response, doing) }
    return { mounted: false }
  } catch (error) {
    // The token server may not give pull on the source (go-containerregistry#1404).
    if (error instanceof AccessRefusedError) return { mounted: false, isRefused: true }
    if (error instanceof UnavailableError) return { mounted: false }
    throw error
  }
}
