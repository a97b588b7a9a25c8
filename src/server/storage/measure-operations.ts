import type { BlobStore } from './blobs/blob-store.ts'
import type { RecordStore } from './records/record-store.ts'

/** An operation of a store that is over. */
export interface StoreOperation {
  readonly store: 'records' | 'blobs'
  /** The method's name: `write`. */
  readonly operation: string
  readonly seconds: number
  /** Whether it did what was asked; a conflict of a write is an answer, not a failure. */
  readonly ok: boolean
}

/** Is told of every operation when it is over; must not throw. */
export type OperationListener = (operation: StoreOperation) => void

/**
 * Gives a record store whose operations are told of. Not `get`: it is answered from memory for the most part, and to
 * measure it would take as long.
 */
export function measureRecords(records: RecordStore, listener: OperationListener): RecordStore {
  const measured = measuring('records', listener)
  return {
    get: (key) => records.get(key),
    list: async (options) => measured('list', async () => records.list(options)),
    listKeys: async (options) => measured('listKeys', async () => records.listKeys(options)),
    write: async (changes, options) => measured('write', async () => records.write(changes, options)),
    close: async () => records.close(),
  }
}

/** Gives a blob store whose operations are told of. Not `append`: it takes as long as the client does. */
export function measureBlobs(blobs: BlobStore, listener: OperationListener): BlobStore {
  const measured = measuring('blobs', listener)
  return {
    warmUp: () => blobs.warmUp(),
    createUpload: async (options) => measured('createUpload', async () => blobs.createUpload(options)),
    uploadSize: async (upload) => measured('uploadSize', async () => blobs.uploadSize(upload)),
    append: async (upload, body, options) => blobs.append(upload, body, options),
    takeOver: async (upload, options) => measured('takeOver', async () => blobs.takeOver(upload, options)),
    commit: async (upload, digest, options) =>
      measured('commit', async () => blobs.commit(upload, digest, options)),
    cancel: async (upload) => measured('cancel', async () => blobs.cancel(upload)),
    read: async (key, options) => measured('read', async () => blobs.read(key, options)),
    has: async (key, size) => measured('has', async () => blobs.has(key, size)),
    delete: async (key) => measured('delete', async () => blobs.delete(key)),
    list: async (options) => measured('list', async () => blobs.list(options)),
    listUploads: async (options) => measured('listUploads', async () => blobs.listUploads(options)),
    close: async () => blobs.close(),
  }
}

type Measured = <Result>(operation: string, run: () => Promise<Result>) => Promise<Result>

function measuring(store: StoreOperation['store'], listener: OperationListener): Measured {
  return async (operation, run) => {
    const started = performance.now()
    let ok = false
    try {
      const result = await run()
      ok = true
      return result
    } finally {
      listener({ store, operation, seconds: (performance.now() - started) / 1000, ok })
    }
  }
}
