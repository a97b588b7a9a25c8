import { digestAlgorithm, digestOf } from '../../oci/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import { madeOnce } from '../made-once.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { StoredManifest } from '../storage/registry/registry-storage.ts'
import { answer, beginAnswer, bodyOf } from './answer.ts'
import { matchesEntityTag } from './entity-tag.ts'
import type { ProtocolCall, ProtocolSettings } from './protocol-call.ts'
import type { ManifestReference } from './protocol-route.ts'
import { addInRoom, repositoryFull } from './repository-room.ts'
import { hasUnreadBody, readBody } from './request-body.ts'

/** A manifest that a path names. */
export interface ManifestRoute {
  readonly repository: RepositoryName
  readonly reference: ManifestReference
}

/**
 * `GET` and `HEAD /v2/<name>/manifests/<reference>`: the bytes and the media type as they were pushed.
 *
 * `Accept` is not looked at. What has a digest cannot be given in another form, and a registry that picks an image
 * from an index for who does not name the index's type answers with other content than what the tag stands for.
 */
export async function getManifest(
  { storage }: ProtocolSettings,
  { request, response }: ProtocolCall,
  { repository, reference }: ManifestRoute,
): Promise<void> {
  const manifest = await storage.manifests.find(repository, reference)
  if (manifest === undefined) throw unknown()
  const { entityTag, names, headers, length, body } = answerOf(manifest)
  const condition = request.headers['if-none-match']
  if (condition !== undefined && matchesEntityTag(condition, entityTag))
    return answer(request, response, 304, names)
  if (hasUnreadBody(request)) return answer(request, response, 200, headers, manifest.bytes)
  beginAnswer(response, 200, [...headers, 'Content-Length', length])
  response.end(body, 'latin1')
}

/** What a manifest is answered with, made once: few are asked for often. */
const answerOf = madeOnce(({ digest, mediaType, bytes }: StoredManifest) => {
  const entityTag = `"${digest}"`
  const names = ['Docker-Content-Digest', digest, 'ETag', entityTag]
  return {
    entityTag,
    names,
    headers: ['Content-Type', mediaType, ...names],
    length: String(bytes.byteLength),
    body: bodyOf(bytes),
  }
})

/** `PUT /v2/<name>/manifests/<reference>`, by tag, or by digest with any number of `tag` parameters. */
export async function putManifest(
  settings: ProtocolSettings,
  { request, response, trace }: ProtocolCall,
  { repository, reference, tags }: ManifestRoute & { readonly tags: readonly string[] },
): Promise<void> {
  const mediaType = mediaTypeOf(request.headers['content-type'])
  const bytes = await readBody(request, response, settings.maxManifestBytes)
  const digest = digestOf(bytes, typeof reference === 'string' ? digestAlgorithm(reference) : 'sha256')
  if (typeof reference === 'string' && reference !== digest)
    throw new ProtocolError('DIGEST_INVALID', 'the manifest has another digest than the path', {
      detail: { digest },
    })
  const { manifests } = settings.storage
  const pushed = {
    digest,
    mediaType,
    bytes,
    tags: typeof reference === 'string' ? tags : [reference.tag],
    isImmutable: (tag: string) => settings.isImmutable(repository, tag),
  }
  const outcome = await addInRoom(
    settings,
    repository,
    async () => ((await manifests.find(repository, digest)) === undefined ? bytes.byteLength : 0),
    () => manifests.put(repository, pushed, { signal: trace.signal }),
  )
  if (outcome === undefined) throw repositoryFull()
  const { subject } = outcome
  return answer(request, response, 201, [
    'Location',
    `/v2/${repository}/manifests/${digest}`,
    'Docker-Content-Digest',
    digest,
    ...(subject === undefined ? [] : ['OCI-Subject', subject]),
    ...tags.flatMap((tag) => ['OCI-Tag', tag]),
  ])
}

/** `DELETE /v2/<name>/manifests/<reference>`: a tag alone, or a manifest with every tag on it. */
export async function deleteManifest(
  { storage }: ProtocolSettings,
  { request, response }: ProtocolCall,
  { repository, reference }: ManifestRoute,
): Promise<void> {
  const deleted = await (typeof reference === 'string'
    ? storage.manifests.delete(repository, reference)
    : storage.tags.delete(repository, reference.tag))
  if (!deleted) throw unknown()
  return answer(request, response, 202, [])
}

const maxMediaTypeLength = 255

/** A media type without parameters: the grammar of RFC 6838 section 4.2, which has no sign that a header could break at. */
const mediaTypePattern = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$/

function mediaTypeOf(header: string | undefined): string | undefined {
  const mediaType = header?.split(';', 1)[0]?.trim()
  if (mediaType === undefined || mediaType === '') return undefined
  if (mediaType.length <= maxMediaTypeLength && mediaTypePattern.test(mediaType)) return mediaType
  throw new ProtocolError('MANIFEST_INVALID', 'Content-Type is not a media type')
}

function unknown(): ProtocolError {
  return new ProtocolError('MANIFEST_UNKNOWN', 'the repository has no such manifest')
}
