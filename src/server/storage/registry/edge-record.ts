import type { StoredRecord } from '../records/record-store.ts'
import { DamagedRecordError } from './damaged-record-error.ts'

/**
 * The value of an edge (`uses/…`, `tagsof/…`, `holders/…`): when it was written, milliseconds since the epoch in
 * decimal digits. Edges are written before what they lead to, so one that leads nowhere is either young, and its
 * write under way, or left behind by a write that ended early.
 */
export function encodeEdge(time: number): Uint8Array {
  return Buffer.from(String(time))
}

/** @throws {DamagedRecordError} */
export function decodeEdge({ key, value }: StoredRecord): number {
  const text = Buffer.from(value.subarray(0, 17)).toString()
  if (!/^\d{1,16}$/.test(text)) throw new DamagedRecordError(key, 'it is not a time')
  return Number(text)
}

/** How long a write may take; an edge without its end that is older was left behind. Milliseconds. */
export const edgeSettlesAfterMs: number = 5 * 60_000
