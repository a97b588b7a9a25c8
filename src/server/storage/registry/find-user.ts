import type { Digest } from '../../../oci/index.ts'
import type { RepositoryName } from '../../repository-name.ts'
import { DamagedRecordError } from './damaged-record-error.ts'
import { decodeEdge, edgeSettlesAfterMs } from './edge-record.ts'
import { manifestKey, parseKey, prefixes } from './keys.ts'
import { decodeManifest } from './manifest-record.ts'
import type { StorageContext } from './storage-context.ts'

const pageSize = 100

/**
 * Finds a manifest of the repository that names this content (a blob, or a manifest as an entry of an index) and so
 * needs it; undefined when there is none. An edge counts while its manifest is there or may just be being written.
 *
 * @throws {DamagedRecordError}
 */
export async function findUser(
  { records, now }: Pick<StorageContext, 'records' | 'now'>,
  repository: RepositoryName,
  content: Digest,
): Promise<Digest | undefined> {
  const prefix = prefixes.uses(repository, content)
  for (let after: string | undefined; ;) {
    const edges = await records.list({ prefix, after, limit: pageSize })
    for (const edge of edges) {
      const key = parseKey(edge.key)
      if (key?.in !== 'uses') throw new DamagedRecordError(edge.key, 'its key names no manifest')
      if (now() - decodeEdge(edge) <= edgeSettlesAfterMs) return key.by
      const user = await records.get(manifestKey(repository, key.by))
      if (user !== undefined && decodeManifest(user).condemned === undefined) return key.by
    }
    after = edges.at(-1)?.key
    if (after === undefined || edges.length < pageSize) return undefined
  }
}
