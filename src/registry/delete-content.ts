import * as v from 'valibot'
import { AccessRefusedError, type OperationOptions, UnsupportedError } from '../content/index.ts'
import type { HttpResponse } from '../http/index.ts'
import type { Descriptor } from '../oci/index.ts'
import { errorForStatus, readComplaint, type RegistryComplaint } from './answer-error.ts'
import { isManifestType } from './is-manifest-type.ts'
import { manifestPath } from './manifest-path.ts'
import { parseJsonBody } from './parse-json-body.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

/**
 * Deletes a manifest by its digest, and with it every tag on it, or a blob.
 *
 * @throws {NotFoundError}
 * @throws {UnsupportedError} when the registry deletes nothing (GHCR), with what to do instead.
 */
export async function deleteContent(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  options: OperationOptions,
): Promise<void> {
  const kind = isManifestType(descriptor.mediaType) ? 'manifests' : 'blobs'
  const doing = `delete ${descriptor.digest} from ${endpoint.display}`
  const path = `${kind}/${descriptor.digest}`
  const response = await askToDelete(endpoint, path, doing, options)
  if (isDone(response)) return response.discard()

  const complaint = await readComplaint(response)
  if (!complaint.codes.includes('GOOGLE_MANIFEST_DANGLING_TAG')) {
    throw await refusal(endpoint, response, complaint, doing)
  }
  for (const tag of await tagsAtGoogle(endpoint, descriptor, options)) {
    await deleteTag(endpoint, tag, options)
  }
  const again = await askToDelete(endpoint, path, doing, options)
  if (!isDone(again)) throw await endpoint.error(again, doing)
  await again.discard()
}

/**
 * Deletes a tag and nothing else.
 *
 * @throws {NotFoundError}
 * @throws {UnsupportedError} when the registry cannot delete a tag alone.
 */
export async function deleteTag(
  endpoint: RepositoryEndpoint,
  tag: string,
  options: OperationOptions,
): Promise<void> {
  const doing = `delete the tag ${tag} of ${endpoint.display}`
  const response = await askToDelete(endpoint, manifestPath(endpoint, tag), doing, options)
  if (isDone(response)) return response.discard()
  const complaint = await readComplaint(response)
  if (response.status === 400) {
    throw new UnsupportedError(`Cannot ${doing}: ${endpoint.host.name} cannot delete a tag alone`)
  }
  throw await refusal(endpoint, response, complaint, doing)
}

/** The registry names the scope that it wants; where it then gives no token for it (Quay), `*` is asked for. */
async function askToDelete(
  endpoint: RepositoryEndpoint,
  to: string,
  doing: string,
  options: OperationOptions,
): Promise<HttpResponse> {
  const ask = (action: string): Promise<HttpResponse> =>
    endpoint.request({ doing, method: 'DELETE', to, actions: [action], signal: options.signal })
  try {
    return await ask('delete')
  } catch (error) {
    if (!(error instanceof AccessRefusedError)) throw error
    return ask('*')
  }
}

function isDone(response: HttpResponse): boolean {
  return response.status >= 200 && response.status < 300
}

async function refusal(
  endpoint: RepositoryEndpoint,
  response: HttpResponse,
  complaint: RegistryComplaint,
  doing: string,
): Promise<Error> {
  const error = errorForStatus(response, complaint, doing, await endpoint.access())
  if (!(error instanceof UnsupportedError)) return error
  return new UnsupportedError(error.message, { hint: hintFor(endpoint.host.name) })
}

/** Where people delete instead. */
function hintFor(host: string): string {
  if (host === 'ghcr.io') {
    return 'GitHub deletes versions of packages on the package’s page, or by gh api --method DELETE /users/USER/packages/container/NAME/versions/ID.'
  }
  if (host === 'docker.io') return 'Docker Hub deletes tags on the repository’s page.'
  return 'The registry may have deletes switched off (distribution: storage.delete.enabled).'
}

const GoogleTagList = v.object({
  manifest: v.optional(v.record(v.string(), v.looseObject({ tag: v.optional(v.array(v.string())) }))),
})

const largestTagList = 32 * 1024 * 1024

/** Google's registries delete a manifest only without tags, and say in their tag list which those are. */
async function tagsAtGoogle(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  options: OperationOptions,
): Promise<readonly string[]> {
  const doing = `list the tags of ${endpoint.display}`
  const { bytes } = await endpoint.read({ doing, to: 'tags/list', signal: options.signal }, largestTagList)
  const list = parseJsonBody(bytes, GoogleTagList, `tags of ${endpoint.display}`)
  return list.manifest?.[descriptor.digest]?.tag ?? []
}
