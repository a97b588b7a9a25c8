import { ChangeSet } from './change-set.ts'
import { prefixes, tagKey } from './keys.ts'
import { deleteTagOf, keepForGracePeriod } from './move-tag.ts'
import type { Tags } from './registry-storage.ts'
import type { StorageContext } from './storage-context.ts'
import { decodeTag } from './tag-record.ts'
import { writeUntilDone } from './write-until-done.ts'

/** Tags over `tags/…`. */
export function createTags(context: StorageContext): Tags {
  const { records } = context
  return {
    async get(repository, tag) {
      const record = await records.get(tagKey(repository, tag))
      return record === undefined ? undefined : decodeTag(record)
    },

    async list(repository, { after, limit, signal }) {
      signal?.throwIfAborted()
      const prefix = prefixes.tags(repository)
      const start = after === undefined ? undefined : prefix + after
      const keys = await records.listKeys({ prefix, after: start, limit })
      return keys.map((key) => key.slice(prefix.length))
    },

    async delete(repository, tag) {
      return writeUntilDone(records, async () => {
        const record = await records.get(tagKey(repository, tag))
        if (record === undefined) return { changes: [], result: false }
        const { digest } = decodeTag(record)
        const [before, names, leftovers] = [new ChangeSet(), new ChangeSet(), new ChangeSet()]
        await keepForGracePeriod(context, { edges: before, things: before }, repository, digest)
        names.delete(record.key, record.version)
        await deleteTagOf(context, leftovers, repository, digest, tag)
        return { changes: [before, names, leftovers].flatMap((set) => set.list()), result: true }
      })
    },
  }
}
