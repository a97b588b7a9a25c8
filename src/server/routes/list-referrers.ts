import { descriptorToJson, type Digest, mediaTypes } from '../../oci/index.ts'
import type { RepositoryName } from '../repository-name.ts'
import { answerJson } from './answer.ts'
import type { ProtocolCall, ProtocolSettings } from './protocol-call.ts'

/** The most referrers of an answer; large ones end it earlier (see {@link Referrers.list}). */
const maxReferrers = 1000

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
  { storage }: ProtocolSettings,
  { request, response, trace }: ProtocolCall,
  { repository, subject, artifactType, after }: ReferrersRoute,
): Promise<void> {
  const { descriptors, next } = await storage.referrers.list(repository, subject, {
    artifactType,
    after,
    limit: maxReferrers,
    signal: trace.signal,
  })
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: descriptors.map(descriptorToJson),
  }
  const filter = artifactType === undefined ? '' : `artifactType=${encodeURIComponent(artifactType)}&`
  const nextPage = `/v2/${repository}/referrers/${subject}?${filter}last=${next}`
  const headers = [
    ...(artifactType === undefined ? [] : ['OCI-Filters-Applied', 'artifactType']),
    ...(next === undefined ? [] : ['Link', `<${nextPage}>; rel="next"`]),
  ]
  return answerJson(request, response, 200, headers, index, mediaTypes.ociIndex)
}
