import type { StoredRecord } from '../records/record-store.ts'

/**
 * Remembers what was read of a record for as long as the record itself is kept: a store that answers from memory gives
 * the same object again, and reading its JSON costs more than finding it.
 */
export function decodedOnce<Decoded>(
  decode: (record: StoredRecord) => Decoded,
): (record: StoredRecord) => Decoded {
  const decoded = new WeakMap<StoredRecord, { readonly value: Decoded }>()
  return (record) => {
    const there = decoded.get(record)
    if (there !== undefined) return there.value
    const value = decode(record)
    decoded.set(record, { value })
    return value
  }
}
