import { ProtocolError } from '../../protocol-error.ts'
import type { StoredRecord } from '../records/record-store.ts'
import type { StorageContext } from './storage-context.ts'

/**
 * Writes a record anew that says when something was last wanted. Gives false when somebody else changed it meanwhile.
 * A disk that cannot be written now is no reason to refuse a read: on it nothing is collected either.
 */
export async function renew(
  { records }: StorageContext,
  { key, version }: StoredRecord,
  value: Uint8Array,
): Promise<boolean> {
  try {
    const change = { kind: 'put', key, value, expected: version } as const
    return (await records.write([change], { durable: false })).done
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'UNAVAILABLE') return true
    throw error
  }
}
