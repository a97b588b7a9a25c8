import {
  LimitExceededError,
  type OperationOptions,
  type ReferrersOptions,
  UnavailableError,
} from '../content/index.ts'
import { artifactTypeOf, type Descriptor, type Digest, mediaTypes, parseManifest } from '../oci/index.ts'
import type { HttpResponse } from '../http/index.ts'
import { parseComplaint } from './answer-error.ts'
import { bareMediaType } from './bare-media-type.ts'
import type { ManifestMemory } from './manifest-memory.ts'
import { nextPage } from './next-page.ts'
import { readBody } from './read-body.ts'
import { referrersTag, taggedReferrers } from './referrers-tag.ts'
import { ReferrersTagWriter, type Wait } from './referrers-tag-writer.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'
import { SharedWork } from './shared-work.ts'

const mostPages = 1000
const mostReferrers = 100_000
const largestPage = 8 * 1024 * 1024

/** The referrers of manifests in one repository: by the API, or by tags where a registry has none. */
export class Referrers {
  readonly #endpoint: RepositoryEndpoint
  readonly #memory: ManifestMemory
  readonly #tagWriter: ReferrersTagWriter
  /** Whether the registry has the API here (one host may serve repositories of several kinds); undefined before it is known. */
  #hasApi: boolean | undefined
  /** The first question to the API: who asks at the same time waits to learn whether it is there. */
  readonly #first = new SharedWork<readonly Descriptor[] | undefined>()

  constructor(endpoint: RepositoryEndpoint, memory: ManifestMemory, wait: Wait) {
    this.#endpoint = endpoint
    this.#memory = memory
    this.#tagWriter = new ReferrersTagWriter(endpoint, memory, wait)
  }

  /** Lists the referrers of a manifest. Only an API that is not there (404) leads to the tag; other errors reject. */
  async list(subject: Digest, options: ReferrersOptions): Promise<readonly Descriptor[]> {
    const { artifactType, knownTags } = options
    const listed = await this.#askApi(subject, artifactType, options)
    if (listed !== undefined) return listed
    if (knownTags !== undefined && !knownTags.has(referrersTag(subject))) return []
    const tagged = await taggedReferrers(this.#endpoint, this.#memory, subject, options)
    return tagged.filter(hasType(artifactType))
  }

  /**
   * Sees to it that a manifest that was just pushed is listed at its subject, if it has one.
   *
   * @param confirmed The registry's `OCI-Subject`. Alone it proves nothing: ECR sends it without having the API
   *   (sigstore-js#1183).
   */
  async pushed(
    descriptor: Descriptor,
    bytes: Uint8Array,
    confirmed: string | undefined,
    options: OperationOptions,
  ): Promise<void> {
    if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('"subject"')) return
    const manifest = parseManifest(bytes, descriptor.mediaType)
    const subject = manifest.subject?.digest
    if (subject === undefined) return
    if (this.#hasApi === true && confirmed === subject) return
    if ((await this.#askApi(subject, undefined, options)) !== undefined) return

    const artifactType = artifactTypeOf(manifest)
    const { annotations } = manifest
    const referrer: Descriptor = {
      mediaType: descriptor.mediaType,
      digest: descriptor.digest,
      size: bytes.length,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(annotations === undefined ? {} : { annotations }),
    }
    await this.#tagWriter.add(subject, referrer, options.signal)
  }

  /** Gives undefined when the registry has no referrers API, which is asked once however many want to know. */
  async #askApi(
    subject: Digest,
    artifactType: string | undefined,
    options: OperationOptions,
  ): Promise<readonly Descriptor[] | undefined> {
    if (this.#hasApi === undefined) {
      let isOwn = false
      try {
        const first = await this.#first.run(
          '',
          (signal) => {
            isOwn = true
            return this.#listByApi(subject, artifactType, { signal })
          },
          options.signal,
        )
        if (isOwn) return first
      } catch (error) {
        // What went wrong with somebody else's question says nothing about this one.
        if (isOwn) throw error
        options.signal?.throwIfAborted()
      }
    }
    return this.#hasApi === false ? undefined : this.#listByApi(subject, artifactType, options)
  }

  /** Gives undefined when the answer is not that of a referrers API. */
  async #listByApi(
    subject: Digest,
    artifactType: string | undefined,
    options: OperationOptions,
  ): Promise<readonly Descriptor[] | undefined> {
    const what = `referrers of ${subject} at ${this.#endpoint.display}`
    const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`
    const found: Descriptor[] = []
    const visited = new Set<string>()
    let to: string | URL | undefined = `referrers/${subject}${query}`
    while (to !== undefined) {
      const url: string | URL = to
      const isFirst = visited.size === 0
      const { response, bytes } = await readBody(`list the ${what}`, largestPage, () =>
        this.#page(url, `list the ${what}`, isFirst, options),
      )
      if (isFirst && !isListing(response)) {
        if (!isAboutContent(response, bytes)) this.#hasApi = false
        return undefined
      }
      const index = parseManifest(bytes, mediaTypes.ociIndex)
      const entries = index.kind === 'index' ? index.manifests : []
      const filtered = (response.header('oci-filters-applied') ?? '')
        .split(/\s*,\s*/)
        .includes('artifactType')
      for (const entry of entries) if (filtered || hasType(artifactType)(entry)) found.push(entry)

      to = nextPage(response, what)
      if (to !== undefined && visited.has(to.href)) {
        throw new UnavailableError(`Cannot list the ${what}: the registry's pages go in a circle`)
      }
      visited.add(to?.href ?? '')
      if (visited.size > mostPages || found.length > mostReferrers) {
        throw new LimitExceededError(
          `Cannot list the ${what}: there are more than ${mostReferrers}, or more than ${mostPages} pages`,
        )
      }
    }
    this.#hasApi = true
    return found
  }

  /** Gives a page, or the 404 of a registry without the API in place of the first. */
  async #page(
    to: string | URL,
    doing: string,
    isFirst: boolean,
    { signal }: OperationOptions,
  ): Promise<HttpResponse> {
    const headers = { accept: mediaTypes.ociIndex }
    const response = await this.#endpoint.request({
      doing,
      method: 'GET',
      to,
      headers,
      actions: ['pull'],
      signal,
    })
    if (response.status === 200 || (isFirst && response.status === 404)) return response
    throw await this.#endpoint.error(response, doing)
  }
}

/** A page of HTML with status 200 is not the API. */
function isListing(response: HttpResponse): boolean {
  const type = bareMediaType(response.header('content-type'))
  const mayBe = type === undefined || type === mediaTypes.ociIndex || type === 'application/json'
  return response.status === 200 && mayBe
}

/** A registry with the API may still answer 404 where it does not know the repository or the subject. */
function isAboutContent(response: HttpResponse, bytes: Uint8Array): boolean {
  if (response.status !== 404) return false
  const { codes } = parseComplaint(bytes)
  return codes.includes('NAME_UNKNOWN') || codes.includes('MANIFEST_UNKNOWN')
}

function hasType(artifactType: string | undefined): (descriptor: Descriptor) => boolean {
  return (descriptor) => artifactType === undefined || descriptor.artifactType === artifactType
}
