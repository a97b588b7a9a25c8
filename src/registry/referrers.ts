import {
  LimitExceededError,
  type OperationOptions,
  type ReferrersOptions,
  UnavailableError,
} from '../content/index.ts'
import { artifactTypeOf, type Descriptor, type Digest, mediaTypes, parseManifest } from '../oci/index.ts'
import type { HttpResponse } from '../http/index.ts'
import { bareMediaType } from './bare-media-type.ts'
import type { ManifestMemory } from './manifest-memory.ts'
import { nextPage } from './next-page.ts'
import { readBody } from './read-body.ts'
import { addTaggedReferrer, taggedReferrers } from './referrers-tag.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

const mostPages = 1000
const mostReferrers = 100_000
const largestPage = 8 * 1024 * 1024

/** The referrers of manifests in one repository: by the API, or by tags where a registry has none. */
export class Referrers {
  readonly #endpoint: RepositoryEndpoint
  readonly #memory: ManifestMemory
  /** Whether the registry has the API; undefined before it was asked. */
  #hasApi: boolean | undefined
  /** Updates of the fallback tags, one after another. */
  #updates: Promise<void> = Promise.resolve()

  constructor(endpoint: RepositoryEndpoint, memory: ManifestMemory) {
    this.#endpoint = endpoint
    this.#memory = memory
  }

  /** Lists the referrers of a manifest. Only an API that is not there (404) leads to the tag; other errors reject. */
  async list(subject: Digest, options: ReferrersOptions): Promise<readonly Descriptor[]> {
    const { artifactType } = options
    const listed = this.#hasApi === false ? undefined : await this.#listByApi(subject, artifactType, options)
    if (listed !== undefined) return listed
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
    if (this.#hasApi !== false && (await this.#listByApi(subject, undefined, options)) !== undefined) return

    const artifactType = artifactTypeOf(manifest)
    const { annotations } = manifest
    const referrer: Descriptor = {
      mediaType: descriptor.mediaType,
      digest: descriptor.digest,
      size: bytes.length,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(annotations === undefined ? {} : { annotations }),
    }
    const update = this.#updates.then(() =>
      addTaggedReferrer(this.#endpoint, this.#memory, subject, referrer, options),
    )
    this.#updates = update.catch(() => undefined)
    await update
  }

  /** Gives undefined when the registry has no referrers API. */
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
        this.#hasApi = false
        return undefined
      }
      const index = parseManifest(bytes, mediaTypes.ociIndex)
      const entries = index.kind === 'index' ? index.manifests : []
      const filtered = (response.header('oci-filters-applied') ?? '')
        .split(/\s*,\s*/)
        .includes('artifactType')
      found.push(...(filtered ? entries : entries.filter(hasType(artifactType))))

      to = nextPage(response, what)
      if (to !== undefined && visited.has(to.href)) {
        throw new UnavailableError(`Cannot list the ${what}: the registry's pages go in a circle`)
      }
      visited.add(to?.href ?? '')
      if (visited.size > mostPages || found.length > mostReferrers) {
        throw new LimitExceededError(`Cannot list the ${what}: there are more than ${mostReferrers}`)
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

function hasType(artifactType: string | undefined): (descriptor: Descriptor) => boolean {
  return (descriptor) => artifactType === undefined || descriptor.artifactType === artifactType
}
