import type { Descriptor } from '../../../oci/index.ts'
import { DamagedRecordError } from './damaged-record-error.ts'
import { parseKey, prefixes } from './keys.ts'
import { decodeReferrer } from './referrer-record.ts'
import type { Referrers } from './registry-storage.ts'
import type { StorageContext } from './storage-context.ts'

/** So many entries are read at a time, after one at first: annotations may make each as large as a manifest. */
const maxBatchSize = 8

/** The most entries that are read for a page, so that a filter that nothing passes ends. */
const maxEntriesRead = 4096

/** When so many bytes were read for a page it ends, for the same reason: one batch may pass it. */
const maxBytesRead = 4 * 1024 * 1024

/** So many bytes of JSON are on a page, or one entry: clients read an index of up to 4 MiB. */
const maxPageBytes = 2 * 1024 * 1024

/** Referrers over `referrers/…`. */
export function createReferrers({ records }: StorageContext): Referrers {
  return {
    async list(repository, subject, { after, limit, artifactType, signal }) {
      const prefix = prefixes.referrers(repository, subject)
      const descriptors: Descriptor[] = []
      let last = after === undefined ? undefined : prefix + after
      let bytes = 0
      let bytesRead = 0
      let batchSize = 1
      for (let read = 0; read < maxEntriesRead && bytesRead < maxBytesRead;) {
        signal?.throwIfAborted()
        const batch = await records.list({ prefix, after: last, limit: batchSize })
        for (const record of batch) {
          const descriptor = decodeReferrer(record)
          bytesRead += record.value.length
          if (artifactType === undefined || descriptor.artifactType === artifactType) {
            bytes += record.value.length
            const isFull = descriptors.length === limit || bytes > maxPageBytes
            if (isFull && descriptors.length > 0) return page(descriptors, last)
            descriptors.push(descriptor)
          }
          last = record.key
        }
        if (batch.length < batchSize) return { descriptors, next: undefined }
        read += batch.length
        batchSize = Math.min(batchSize * 2, maxBatchSize)
      }
      return page(descriptors, last)
    },
  }
}

function page(
  descriptors: readonly Descriptor[],
  last: string | undefined,
): Awaited<ReturnType<Referrers['list']>> {
  const key = last === undefined ? undefined : parseKey(last)
  if (key?.in !== 'referrers') throw new DamagedRecordError(last ?? '', 'its key names no manifest')
  return { descriptors, next: key.by }
}
