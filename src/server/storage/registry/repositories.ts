import { isRepositoryName } from '../../repository-name.ts'
import { decodeBlob } from './blob-record.ts'
import { prefixes, repositoryKey } from './keys.ts'
import { listAll } from './list-all.ts'
import { decodeManifest } from './manifest-record.ts'
import type { Repositories } from './registry-storage.ts'
import type { StorageContext } from './storage-context.ts'

/** Repositories over `repositories/…`. */
export function createRepositories({ records }: StorageContext): Repositories {
  return {
    async exists(repository) {
      return (await records.get(repositoryKey(repository))) !== undefined
    },

    async list({ after, limit, signal }) {
      signal?.throwIfAborted()
      const prefix = prefixes.all('repositories')
      const start = after === undefined ? undefined : prefix + after
      const keys = await records.listKeys({ prefix, after: start, limit })
      return keys.map((key) => key.slice(prefix.length)).filter(isRepositoryName)
    },

    async usage(repository) {
      let bytes = 0
      for await (const record of listAll(records, prefixes.blobs(repository)))
        bytes += decodeBlob(record).size
      for await (const record of listAll(records, prefixes.manifests(repository)))
        bytes += decodeManifest(record).bytes.length
      return bytes
    },
  }
}
