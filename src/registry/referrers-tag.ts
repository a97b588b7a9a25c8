import {
  LimitExceededError,
  NotFoundError,
  type OperationOptions,
  UnavailableError,
} from '../content/index.ts'
import {
  type Descriptor,
  type Digest,
  descriptorToJson,
  digestAlgorithm,
  digestHex,
  digestOf,
  isIndex,
  maxManifestBytesPushed,
  mediaTypes,
  parseManifest,
} from '../oci/index.ts'
import type { ManifestMemory } from './manifest-memory.ts'
import { putManifest } from './push-manifest.ts'
import { type FetchedManifest, getManifest } from './read-manifest.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

/** How often an update that somebody else's update undid is made again. */
const mostTries = 8
/** Milliseconds between reading a list and writing it, for those who do the same elsewhere. */
const othersWriteWithin = 200

/** The tag under which registries without the referrers API keep the list (OCI distribution specification, "Referrers Tag Schema"). */
export function referrersTag(subject: Digest): string {
  return `${digestAlgorithm(subject).slice(0, 32)}-${digestHex(subject).slice(0, 64)}`
}

/** The referrers that the fallback tag lists; none where there is no such tag, or something else under it. */
export async function taggedReferrers(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  subject: Digest,
  options: OperationOptions,
): Promise<readonly Descriptor[]> {
  const list = await readList(endpoint, memory, subject, options)
  return list === undefined ? [] : entriesOf(list)
}

/** Options of {@link addTaggedReferrers}. */
export interface AddOptions extends OperationOptions {
  /** Waits some milliseconds; rejects when the signal is aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
}

/**
 * Adds referrers to the fallback tag's list. What others add at the same time stays: a write depends on the `ETag`
 * where there is one, and as many registries do not look at that, the list is read again a little later, when the
 * writes of those who had read it before must have come, and written again if one of them undid this one.
 */
export async function addTaggedReferrers(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  subject: Digest,
  referrers: readonly Descriptor[],
  options: AddOptions,
): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const list = await readList(endpoint, memory, subject, options)
    const listed = new Set(list === undefined ? [] : entriesOf(list).map(({ digest }) => digest))
    const missing = referrers.filter(({ digest }) => !listed.has(digest))
    if (missing.length === 0) return
    await writeList(endpoint, memory, subject, withEntries(list, missing), list?.etag, options)
    await options.wait(othersWriteWithin * (1 + Math.random()), options.signal)
  }
  throw new UnavailableError(
    `Cannot list ${referrers[0]?.digest ?? 'a manifest'} as a referrer of ${subject} at ${endpoint.display}: others keep changing the list under the tag ${referrersTag(subject)}`,
  )
}

async function readList(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  subject: Digest,
  options: OperationOptions,
): Promise<FetchedManifest | undefined> {
  try {
    const found = await getManifest(endpoint, memory, referrersTag(subject), options)
    // GitLab gives the subject itself here (oras-go#1396).
    return isIndex(found.mediaType) && found.descriptor.digest !== subject ? found : undefined
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

async function writeList(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  subject: Digest,
  bytes: Uint8Array,
  etag: string | undefined,
  options: OperationOptions,
): Promise<void> {
  if (bytes.length > maxManifestBytesPushed) {
    throw new LimitExceededError(
      `Cannot list another referrer of ${subject} at ${endpoint.display}: the list would have more than ${maxManifestBytesPushed} bytes`,
    )
  }
  const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length }
  const condition = etag === undefined ? {} : { headers: { 'if-match': etag } }
  try {
    await putManifest(endpoint, memory, descriptor, bytes, referrersTag(subject), {
      ...options,
      ...condition,
    })
  } catch (error) {
    // Somebody was faster: what he wrote is read, and ours is added to it.
    if (error instanceof UnavailableError && (error.status === 412 || error.status === 409)) return
    throw error
  }
}

function entriesOf(list: FetchedManifest): readonly Descriptor[] {
  const index = parseManifest(list.bytes, list.mediaType)
  return index.kind === 'index' ? index.manifests : []
}

/** What others wrote into the list and Lading does not know stays in it. */
function withEntries(list: FetchedManifest | undefined, referrers: readonly Descriptor[]): Uint8Array {
  const document: unknown = list === undefined ? {} : JSON.parse(new TextDecoder().decode(list.bytes))
  const before = typeof document === 'object' && document !== null ? document : {}
  const entries: readonly unknown[] =
    'manifests' in before && Array.isArray(before.manifests) ? before.manifests : []
  const after = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    ...before,
    manifests: [...entries, ...referrers.map(descriptorToJson)],
  }
  return Buffer.from(JSON.stringify(after))
}
