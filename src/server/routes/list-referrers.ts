import { type Descriptor, descriptorToJson, type Digest, mediaTypes } from '../../oci/index.ts'
import type { RepositoryName } from '../repository-name.ts'
import { answerJson } from './answer.ts'
import type { ProtocolCall, ProtocolSettings } from './protocol-call.ts'

/** So many referrers are read at once: each may have annotations of some megabytes. */
const batch = 16

/** An answer ends after so many referrers … */
const maxReferrers = 1000

/** … or so many bytes of JSON: clients read an index of up to 4 MiB. */
const maxBytes = 2 * 1024 * 1024

/** What of the referrers of a subject is asked for. */
export interface ReferrersRoute {
  readonly repository: RepositoryName
  readonly subject: Digest
  readonly artifactType: string | undefined
  readonly after: Digest | undefined
}

/**
 * `GET /v2/<name>/referrers/<digest>`: an index of what refers to a manifest, which need not be there; an empty one
 * also for a repository that is not (distribution specification, "Listing Referrers").
 */
export async function listReferrers(
  settings: ProtocolSettings,
  { request, response, trace }: ProtocolCall,
  route: ReferrersRoute,
): Promise<void> {
  const { repository, subject, artifactType } = route
  const { manifests, isWhole } = await onePage(settings, route, trace.signal)
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }
  const last = manifests.at(-1)?.['digest']
  const filter = artifactType === undefined ? '' : `artifactType=${encodeURIComponent(artifactType)}&`
  const headers = [
    ...(artifactType === undefined ? [] : ['OCI-Filters-Applied', 'artifactType']),
    ...(isWhole
      ? []
      : ['Link', `</v2/${repository}/referrers/${subject}?${filter}last=${String(last)}>; rel="next"`]),
  ]
  return answerJson(request, response, 200, headers, index, mediaTypes.ociIndex)
}

async function onePage(
  { storage }: ProtocolSettings,
  { repository, subject, artifactType, after }: ReferrersRoute,
  signal: AbortSignal,
): Promise<{ manifests: Record<string, unknown>[]; isWhole: boolean }> {
  const manifests: Record<string, unknown>[] = []
  let bytes = 0
  for (let last = after; ;) {
    const found: readonly Descriptor[] = await storage.referrers.list(repository, subject, {
      artifactType,
      after: last,
      limit: batch,
      signal,
    })
    for (const descriptor of found) {
      const json = descriptorToJson(descriptor)
      bytes += JSON.stringify(json).length
      // At least one, however large: a page of none would have no next one.
      if (manifests.length > 0 && (bytes > maxBytes || manifests.length === maxReferrers))
        return { manifests, isWhole: false }
      manifests.push(json)
    }
    last = found.at(-1)?.digest
    if (found.length < batch) return { manifests, isWhole: true }
  }
}
