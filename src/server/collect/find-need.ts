import { type StoredRecord } from '../storage/records/record-store.ts'
import { DamagedRecordError } from '../storage/registry/damaged-record-error.ts'
import { decodeEdge, edgeSettlesAfterMs } from '../storage/registry/edge-record.ts'
import { parseKey, type RegistryKey } from '../storage/registry/keys.ts'
import type { CollectContext } from './collect-context.ts'

/** Says whether what an edge leads to is there: the manifest that uses, the tag that names, the membership that holds. */
export type LeadsSomewhere = (edge: RegistryKey) => Promise<boolean>

const pageSize = 100

/**
 * Says whether one of the edges below a prefix leads to something: true, false, or the time (milliseconds since the
 * epoch) at which it will be clear, because the write that an edge belongs to may be under way. Edges that a write
 * left behind when it ended early are removed.
 */
export async function findNeed(
  context: CollectContext,
  prefix: string,
  leadsSomewhere: LeadsSomewhere,
): Promise<boolean | number> {
  const { records, now } = context
  let clearBy: number | undefined
  for (let after: string | undefined; ;) {
    const edges = await records.list({ prefix, after, limit: pageSize })
    for (const edge of edges) {
      const key = parseKey(edge.key)
      if (key !== undefined && (await leadsSomewhere(key))) return true
      const settled = writtenAt(edge) + edgeSettlesAfterMs
      if (settled >= now()) clearBy = Math.max(clearBy ?? 0, settled + 1)
      else
        await records.write([{ kind: 'delete', key: edge.key, expected: edge.version }], { durable: false })
    }
    after = edges.at(-1)?.key
    if (after === undefined || edges.length < pageSize) return clearBy ?? false
  }
}

/** Milliseconds since the epoch; an edge that cannot be read was not written by a write that is under way. */
function writtenAt(edge: StoredRecord): number {
  try {
    return decodeEdge(edge)
  } catch (error) {
    if (error instanceof DamagedRecordError) return 0
    throw error
  }
}
