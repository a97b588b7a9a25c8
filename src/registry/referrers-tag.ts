import {
  LimitExceededError,
  NotFoundError,
  type OperationOptions,
  type TagChange,
  type TaggedManifest,
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
import { changeTag, type ChangeTagOptions } from './change-tag.ts'
import type { ManifestMemory } from './manifest-memory.ts'
import { getManifest } from './read-manifest.ts'
import type { RepositoryEndpoint } from './repository-endpoint.ts'

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
export type AddOptions = Pick<ChangeTagOptions, 'signal' | 'wait'>

/** Adds referrers to the fallback tag's list. What others add at the same time stays ({@link changeTag}). */
export async function addTaggedReferrers(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  subject: Digest,
  referrers: readonly Descriptor[],
  options: AddOptions,
): Promise<void> {
  const doing = `list ${referrers[0]?.digest ?? 'a manifest'} as a referrer of ${subject} at ${endpoint.display}`
  const add: TagChange = (current) => {
    const list = current === undefined ? undefined : listOf(current, subject)
    const listed = new Set(list === undefined ? [] : entriesOf(list).map(({ digest }) => digest))
    const missing = referrers.filter(({ digest }) => !listed.has(digest))
    return missing.length === 0 ? undefined : newList(withEntries(list, missing), doing)
  }
  await changeTag(endpoint, memory, referrersTag(subject), add, { ...options, doing })
}

async function readList(
  endpoint: RepositoryEndpoint,
  memory: ManifestMemory,
  subject: Digest,
  options: OperationOptions,
): Promise<TaggedManifest | undefined> {
  try {
    return listOf(await getManifest(endpoint, memory, referrersTag(subject), options), subject)
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

/** What stands under the tag, where it is a list: GitLab gives the subject itself there (oras-go#1396). */
function listOf(found: TaggedManifest, subject: Digest): TaggedManifest | undefined {
  const { mediaType, digest } = found.descriptor
  return isIndex(mediaType) && digest !== subject ? found : undefined
}

/** @throws {LimitExceededError} past what registries have to take. */
function newList(bytes: Uint8Array, doing: string): TaggedManifest {
  if (bytes.length > maxManifestBytesPushed) {
    throw new LimitExceededError(
      `Cannot ${doing}: the list would have more than ${maxManifestBytesPushed} bytes`,
    )
  }
  return {
    descriptor: { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length },
    bytes,
  }
}

function entriesOf({ bytes, descriptor }: TaggedManifest): readonly Descriptor[] {
  const index = parseManifest(bytes, descriptor.mediaType)
  return index.kind === 'index' ? index.manifests : []
}

/** What others wrote into the list and Lading does not know stays in it. */
function withEntries(list: TaggedManifest | undefined, referrers: readonly Descriptor[]): Uint8Array {
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
