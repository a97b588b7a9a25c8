import {
  DamagedContentError,
  NotFoundError,
  type OperationOptions,
  type ResolveOptions,
} from '../content/index.ts'
import type { HttpResponse } from '../http/index.ts'
import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestOf,
  isDigest,
  manifestMediaTypes,
  maxManifestBytesRead,
  parseManifest,
} from '../oci/index.ts'
import { bareMediaType } from './bare-media-type.ts'
import { manifestPath } from './manifest-path.ts'
import type { KnownManifest, ManifestMemory } from './manifest-memory.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

const accept = manifestMediaTypes.join(', ')

/** A manifest that was read, with its descriptor. */
export interface FetchedManifest extends KnownManifest {
  readonly descriptor: Descriptor
  /** The answer's `ETag`, for a PUT that must not undo somebody else's. */
  readonly etag: string | undefined
}

/**
 * Looks a tag or digest up: by HEAD, which Docker Hub does not count; by GET where HEAD does not say all, or where the
 * content is wanted too.
 *
 * @throws {NotFoundError}
 * @throws {UnsupportedDocumentError} for schema 1, and whatever is no manifest.
 * @throws {DamagedContentError} when the registry has other bytes than the digest that was asked for.
 */
export async function resolveManifest(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  name: string,
  options: ResolveOptions,
): Promise<Descriptor> {
  if (options.content === true) return (await getManifest(endpoint, memory, name, options)).descriptor
  const response = await endpoint.request({
    doing: `resolve ${shown(endpoint, name)}`,
    method: 'HEAD',
    to: manifestPath(endpoint, name),
    headers: { accept },
    actions: ['pull'],
    signal: options.signal,
  })
  await response.discard()
  if (headIsNoAnswer(response)) return (await getManifest(endpoint, memory, name, options)).descriptor
  if (response.status !== 200) throw await endpoint.error(response, `resolve ${shown(endpoint, name)}`)
  return headDescriptor(response, name) ?? (await getManifest(endpoint, memory, name, options)).descriptor
}

/**
 * Reads a manifest by tag or digest. Its digest is that of its bytes; it is remembered.
 *
 * @throws {DamagedContentError} when bytes, digest asked for, and digest header do not agree.
 */
export async function getManifest(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  name: string,
  options: OperationOptions,
): Promise<FetchedManifest> {
  const what = shown(endpoint, name)
  const { response, bytes } = await endpoint.read(
    {
      doing: `fetch ${what}`,
      to: manifestPath(endpoint, name),
      headers: { accept },
      signal: options.signal,
    },
    maxManifestBytesRead,
  )
  const digest = checkedDigest(bytes, name, response.header('docker-content-digest'), what)
  const { mediaType } = parseManifest(bytes, response.header('content-type'))
  memory.keep(endpoint.display, digest, { mediaType, bytes })
  return {
    descriptor: { mediaType, digest, size: bytes.length },
    mediaType,
    bytes,
    etag: response.header('etag'),
  }
}

/** Reads the manifest that a descriptor names, from memory where it is there. */
export async function fetchManifest(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  descriptor: Descriptor,
  options: OperationOptions,
): Promise<Uint8Array> {
  const known = memory.get(endpoint.display, descriptor.digest)
  if (known !== undefined) return known.bytes
  return (await getManifest(endpoint, memory, descriptor.digest, options)).bytes
}

/** Says whether a manifest is there. */
export async function manifestExists(
  endpoint: RepositoryEndpoint,
  digest: Digest,
  options: OperationOptions,
): Promise<boolean> {
  const doing = `look for ${digest} at ${endpoint.display}`
  const response = await endpoint.request({
    doing,
    method: 'HEAD',
    to: `manifests/${digest}`,
    headers: { accept },
    actions: ['pull'],
    signal: options.signal,
  })
  await response.discard()
  if (response.status === 200) return true
  const error = await endpoint.error(response, doing)
  if (error instanceof NotFoundError) return false
  throw error
}

/** Registries that do not know HEAD of manifests, or not of all. */
function headIsNoAnswer(response: HttpResponse): boolean {
  return [400, 405, 406, 501].includes(response.status)
}

/** What HEAD says; undefined where that is not enough, or not what was asked for: the bytes decide then. */
function headDescriptor(response: HttpResponse, name: string): Descriptor | undefined {
  // Of schema 1 and other types the document itself says best what is wrong.
  const mediaType = bareMediaType(response.header('content-type'))
  const digest = response.header('docker-content-digest')
  const length = response.header('content-length')
  if (mediaType === undefined || digest === undefined || length === undefined) return undefined
  const size = Number(length)
  if (
    !manifestMediaTypes.includes(mediaType) ||
    !isDigest(digest) ||
    !Number.isSafeInteger(size) ||
    size <= 0
  )
    return undefined
  if (isDigest(name) && name !== digest) return undefined
  return { mediaType, digest, size }
}

function checkedDigest(bytes: Uint8Array, name: string, header: string | undefined, what: string): Digest {
  const said = header !== undefined && isDigest(header) ? header : undefined
  const asked = isDigest(name) ? name : undefined
  const digest = digestOf(bytes, digestAlgorithm(asked ?? said ?? digestOf(new Uint8Array())))
  if (asked !== undefined && asked !== digest) {
    throw new DamagedContentError(`Cannot fetch ${what}: the bytes have the digest ${digest}`, {
      hint: 'The registry, or something on the way, changed the manifest.',
    })
  }
  if (said !== undefined && contradicts(said, digest, bytes)) {
    throw new DamagedContentError(
      `Cannot fetch ${what}: the registry says ${said}, the bytes have the digest ${digest}`,
    )
  }
  return digest
}

/** Digests of different algorithms may name the same bytes. */
function contradicts(said: Digest, digest: Digest, bytes?: Uint8Array): boolean {
  if (digestAlgorithm(said) === digestAlgorithm(digest)) return said !== digest
  return bytes !== undefined && digestOf(bytes, digestAlgorithm(said)) !== said
}

function shown(endpoint: RepositoryEndpoint, name: string): string {
  return `${endpoint.display}${isDigest(name) ? '@' : ':'}${name.slice(0, 200)}`
}
