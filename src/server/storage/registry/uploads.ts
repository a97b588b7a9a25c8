import { randomUUID } from 'node:crypto'
import { appendUpload } from './append-upload.ts'
import { commitUpload } from './commit-upload.ts'
import { uploadKey } from './keys.ts'
import { readUpload } from './own-upload.ts'
import type { Uploads } from './registry-storage.ts'
import type { StorageContext } from './storage-context.ts'
import { Turns } from './turns.ts'
import { encodeUpload } from './upload-record.ts'

/** Uploads over `uploads/…`: known only in their repository, and gone in the eyes of the client when they are committed. */
export function createUploads(context: StorageContext): Uploads {
  const { records, blobs, now, processId } = context
  const turns = new Turns()
  return {
    async start(repository, { algorithm = 'sha256', signal } = {}) {
      signal?.throwIfAborted()
      const upload = await blobs.createUpload({ algorithm, signal })
      const id = randomUUID()
      const value = encodeUpload({ upload, owner: processId, algorithm, startedAt: now() })
      await records.write([{ kind: 'put', key: uploadKey(repository, id), value, expected: null }], {
        durable: false,
      })
      return { id, size: 0 }
    },

    async find(repository, id) {
      const found = await readUpload(context, repository, id)
      if (found === undefined || found.upload.committed !== undefined) return undefined
      const size = await blobs.uploadSize(found.upload.upload)
      return size === undefined ? undefined : { id, size }
    },

    async append(repository, id, body, options) {
      return appendUpload(context, turns, repository, id, body, options)
    },

    async commit(repository, id, digest, options) {
      // One that comes while the first is still under way waits for it, and is answered as that was.
      return turns.take(uploadKey(repository, id), () =>
        commitUpload(context, repository, id, digest, options),
      )
    },

    async cancel(repository, id) {
      const found = await readUpload(context, repository, id)
      if (found === undefined || found.upload.committed !== undefined) return false
      const { record, upload } = found
      const change = { kind: 'delete', key: record.key, expected: record.version } as const
      const { done } = await records.write([change], { durable: false })
      if (done) await blobs.cancel(upload.upload)
      return done
    },
  }
}
