import { type Digest, parseDigest } from '../../../oci/index.ts'
import { ProtocolError } from '../../protocol-error.ts'
import type { RepositoryName } from '../../repository-name.ts'
import { madeOnce } from '../../made-once.ts'
import type { StoredRecord } from '../records/record-store.ts'
import { DamagedRecordError } from './damaged-record-error.ts'
import { manifestKey, parseKey, prefixes, tagKey } from './keys.ts'
import { decodeManifest, encodeManifest } from './manifest-record.ts'
import { putManifest } from './put-manifest.ts'
import type { Manifests, StoredManifest } from './registry-storage.ts'
import { removeManifest } from './remove-manifest.ts'
import { renew } from './renew.ts'
import { isFresh, type StorageContext } from './storage-context.ts'
import { decodeTag } from './tag-record.ts'

/** Manifests over `manifests/…`. */
export function createManifests(context: StorageContext): Manifests {
  const { records } = context
  return {
    find: (repository, reference) =>
      typeof reference === 'string'
        ? findByDigest(context, repository, reference)
        : findByTag(context, repository, reference.tag),

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

/**
 * The key of the manifest that a tag's record names. Made once, as finding a record by a text that is put together anew
 * costs 0.3 µs more: such a text is hashed again.
 */
const namedKey = madeOnce((tag: StoredRecord): string => {
  const key = parseKey(tag.key)
  if (key?.in !== 'tags') throw new DamagedRecordError(tag.key, 'it is no key of a tag')
  return manifestKey(key.repository, decodeTag(tag).digest)
})

/** What a tag names needs no word that it is wanted. */
async function findByTag(
  { records }: StorageContext,
  repository: RepositoryName,
  tag: string,
): Promise<StoredManifest | undefined> {
  const named = await records.get(tagKey(repository, tag))
  if (named === undefined) return undefined
  const record = await records.get(namedKey(named))
  return record === undefined ? undefined : asStored(record)
}

/** What is looked up by its digest is wanted, since a push may rely on it. */
async function findByDigest(
  context: StorageContext,
  repository: RepositoryName,
  digest: Digest,
): Promise<StoredManifest | undefined> {
  const key = manifestKey(repository, digest)
  for (;;) {
    const record = await context.records.get(key)
    if (record === undefined) return undefined
    const manifest = decodeManifest(record)
    if (manifest.condemned !== undefined) return undefined
    if (isFresh(context, manifest.since)) return asStored(record)
    const renewed = encodeManifest({ ...manifest, since: context.now() })
    if (await renew(context, record, renewed)) return asStored(record)
  }
}

/** The same object for the same record: who makes something of it needs to do so once. */
const asStored = madeOnce((record: StoredRecord): StoredManifest | undefined => {
  const key = parseKey(record.key)
  if (key?.in !== 'manifests') throw new DamagedRecordError(record.key, 'it is no key of a manifest')
  const { mediaType, bytes, pushedAt, condemned } = decodeManifest(record)
  return condemned === undefined ? { digest: key.digest, mediaType, bytes, pushedAt } : undefined
})
