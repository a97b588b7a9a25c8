import {
  type Body,
  DamagedContentError,
  LimitExceededError,
  type OperationOptions,
  verifiedBytes,
} from '../content/index.ts'
import type { HttpResponse } from '../http/index.ts'
import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  isDigest,
  maxManifestBytesPushed,
} from '../oci/index.ts'
import { errorForStatus, readComplaint } from './answer-error.ts'
import type { ManifestMemory } from './manifest-memory.ts'
import { manifestPath } from './manifest-path.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

/** How often a manifest is sent whose blobs the registry says it does not know. */
const mostTries = 4

/**
 * Puts a manifest under a tag, or under its digest.
 *
 * Under a tag alone a registry chooses the algorithm of its digest, which is sha256. A manifest by another one is put
 * under its digest and given the tag at the same time (`?tag=`, answered by `OCI-Tag`), else under the tag afterwards.
 *
 * @returns the answer's headers that say what the registry made of it.
 * @throws {LimitExceededError} for more than the 4 MiB that registries have to take.
 * @throws {DamagedContentError} when the registry says that it stored another digest.
 */
export async function putManifest(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  descriptor: Descriptor,
  bytes: Uint8Array,
  name: string,
  options: PutOptions,
): Promise<HttpResponse> {
  if (!isDigest(name) && digestAlgorithm(descriptor.digest) !== 'sha256') {
    const byDigest = await put(
      endpoint,
      memory,
      descriptor,
      bytes,
      descriptor.digest,
      options,
      `?tag=${name}`,
    )
    if (byDigest.headerValues('oci-tag').some((tags) => tags.split(/\s*,\s*/).includes(name))) return byDigest
  }
  return put(endpoint, memory, descriptor, bytes, name, options)
}

async function put(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  descriptor: Descriptor,
  bytes: Uint8Array,
  name: string,
  options: PutOptions,
  query = '',
): Promise<HttpResponse> {
  const doing = `push ${name === descriptor.digest ? name : `${name} (${descriptor.digest})`} to ${endpoint.display}`
  const send = (): Promise<HttpResponse> =>
    endpoint.request({
      doing,
      method: 'PUT',
      to: `${manifestPath(endpoint, name)}${query}`,
      headers: { ...options.headers, 'content-type': descriptor.mediaType },
      body: bytes,
      actions: ['pull', 'push'],
      signal: options.signal,
    })
  const response = await sendUntilBlobsAreKnown(endpoint, send, doing, options)
  await response.discard()
  const stored = response.header('docker-content-digest')
  if (stored !== undefined && isDigest(stored) && isOther(stored, descriptor.digest)) {
    throw new DamagedContentError(`Cannot ${doing}: ${endpoint.host.name} stored it as ${stored}`, {
      hint: 'Something between here and the registry changes what is pushed.',
    })
  }
  memory.keep(endpoint.display, descriptor.digest, { mediaType: descriptor.mediaType, bytes })
  return response
}

interface PutOptions extends OperationOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Waits some milliseconds; rejects when the signal is aborted. Default: nothing is tried again. */
  readonly wait?: ((milliseconds: number, signal: AbortSignal | undefined) => Promise<void>) | undefined
}

/**
 * Distribution does not know a blob for a moment when somebody else pushes it anew, as many who sign at once do with the
 * empty config: it writes its link over, and reads it empty in between.
 */
async function sendUntilBlobsAreKnown(
  endpoint: RepositoryEndpoint,
  send: () => Promise<HttpResponse>,
  doing: string,
  { signal, wait }: PutOptions,
): Promise<HttpResponse> {
  for (let tries = 1; ; tries += 1) {
    const response = await send()
    if (response.status >= 200 && response.status <= 299) return response
    if (response.status !== 400 || wait === undefined || tries === mostTries)
      throw await endpoint.error(response, doing)
    const complaint = await readComplaint(response)
    if (!complaint.codes.includes('MANIFEST_BLOB_UNKNOWN'))
      throw errorForStatus(response, complaint, doing, await endpoint.access())
    await wait(100 * 2 ** tries * (1 + Math.random()), signal)
  }
}

/** Reads the body of a manifest to push; {@link checkPushable} verifies it. @throws {LimitExceededError} past 4 MiB. */
export async function manifestToPush(
  endpoint: RepositoryEndpoint,
  descriptor: Descriptor,
  body: Body,
  options: OperationOptions,
): Promise<Uint8Array> {
  checkSize(endpoint, descriptor, descriptor.size)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of await body.open(0, options)) {
    if (!(chunk instanceof Uint8Array))
      throw new DamagedContentError(`Cannot push ${descriptor.digest}: not bytes`)
    size += chunk.length
    if (size > descriptor.size) break
    chunks.push(chunk)
  }
  if (size > descriptor.size) {
    throw new DamagedContentError(
      `Cannot push ${descriptor.digest}: the body has more than its ${descriptor.size} bytes`,
    )
  }
  return Buffer.concat(chunks)
}

/** @throws {LimitExceededError} past 4 MiB. @throws {DamagedContentError} unless the bytes are the descriptor's. */
export function checkPushable(endpoint: RepositoryEndpoint, descriptor: Descriptor, bytes: Uint8Array): void {
  checkSize(endpoint, descriptor, Math.max(descriptor.size, bytes.length))
  verifiedBytes(descriptor, bytes)
}

function checkSize(endpoint: RepositoryEndpoint, descriptor: Descriptor, size: number): void {
  if (size <= maxManifestBytesPushed) return
  throw new LimitExceededError(
    `Cannot push ${descriptor.digest} to ${endpoint.display}: a manifest of ${size} bytes is more than the ${maxManifestBytesPushed} that registries have to take`,
  )
}

/** Digests of different algorithms may name the same bytes. */
function isOther(stored: Digest, pushed: Digest): boolean {
  return stored !== pushed && digestAlgorithm(stored) === digestAlgorithm(pushed)
}
