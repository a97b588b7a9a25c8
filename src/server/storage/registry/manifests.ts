import { type Digest, parseDigest } from '../../../oci/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import { manifestKey, prefixes, tagKey } from './keys.ts'
import { decodeManifest, encodeManifest, type ManifestRecord } from './manifest-record.ts'
import { putManifest } from './put-manifest.ts'
import type { Manifests } from './registry-storage.ts'
import { removeManifest } from './remove-manifest.ts'
import { renew } from './renew.ts'
import { isFresh, type StorageContext } from './storage-context.ts'
import { decodeTag } from './tag-record.ts'

/** Manifests over `manifests/…`. */
export function createManifests(context: StorageContext): Manifests {
  const { records } = context
  return {
    async find(repository, reference) {
      const digest =
        typeof reference === 'string' ? reference : await digestOfTag(context, repository, reference.tag)
      if (digest === undefined) return undefined
      const manifest = await readLive(context, repository, digest, { renewed: typeof reference === 'string' })
      if (manifest === undefined) return undefined
      const { mediaType, bytes, pushedAt } = manifest
      return { digest, mediaType, bytes, pushedAt }
    },

    async list(repository, { after, limit, signal }) {
      signal?.throwIfAborted()
      const prefix = prefixes.manifests(repository)
      const start = after === undefined ? undefined : prefix + after
      const keys = await records.listKeys({ prefix, after: start, limit })
      return keys.map((key) => parseDigest(key.slice(prefix.length)))
    },

    async put(repository, manifest, options) {
      return putManifest(context, repository, manifest, options)
    },

    async delete(repository, digest) {
      const removal = await removeManifest(context, repository, digest)
      if (removal.outcome === 'used') {
        throw new ProtocolError('UNSUPPORTED', 'an index of the repository needs this manifest', {
          hint: 'Delete the index first.',
          detail: { digest, usedBy: removal.by },
        })
      }
      return removal.outcome === 'removed'
    },
  }
}

async function digestOfTag(
  { records }: StorageContext,
  repository: RepositoryName,
  tag: string,
): Promise<Digest | undefined> {
  const record = await records.get(tagKey(repository, tag))
  return record === undefined ? undefined : decodeTag(record).digest
}

/**
 * Reads a manifest that is not condemned. Looked up by its digest it is wanted, since a push may rely on it; what a tag
 * names needs no such word.
 */
async function readLive(
  context: StorageContext,
  repository: RepositoryName,
  digest: Digest,
  { renewed }: { readonly renewed: boolean },
): Promise<ManifestRecord | undefined> {
  for (;;) {
    const record = await context.records.get(manifestKey(repository, digest))
    if (record === undefined) return undefined
    const manifest = decodeManifest(record)
    if (manifest.condemned !== undefined) return undefined
    if (!renewed || isFresh(context, manifest.since)) return manifest
    if (await renew(context, record, encodeManifest({ ...manifest, since: context.now() }))) return manifest
  }
}
