import type { StorageContext } from '../storage/registry/storage-context.ts'
import type { CollectContext } from './collect-context.ts'

/**
 * The context in which the collector calls what removes things for clients as well. What a removal releases has been
 * kept for a grace period already and is looked at soon. Nobody waits for it to be safe from a loss of power: what
 * comes back then is collected again.
 */
export function storageContext({ records, blobs, now, times }: CollectContext): StorageContext {
  return {
    records: {
      get: (key) => records.get(key),
      list: (options) => records.list(options),
      listKeys: (options) => records.listKeys(options),
      write: (changes) => records.write(changes, { durable: false }),
      close: () => records.close(),
    },
    blobs,
    processId: 'collector',
    now,
    gracePeriodMs: times.condemnedMs,
  }
}
