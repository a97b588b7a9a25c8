import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { createWriteApplier } from './apply-writes.ts'
import { createCheckpointer } from './checkpoint.ts'
import { openRecordsDatabase } from './open-records-database.ts'
import type { QueuedWrite, WriteAnswer, WriterRequest } from './writer-messages.ts'

/**
 * The thread that writes records: a sync of the disk can take hundreds of milliseconds, in which the main thread
 * answers others. Writes that arrive meanwhile are done in one transaction and share its sync.
 */
const database = openRecordsDatabase(readPath(workerData), { readOnly: false })
const applier = createWriteApplier(database)
const checkpointer = createCheckpointer(database)

/** The most writes that share a transaction: it has to fit into memory. */
const maxWritesTogether = 256

parentPort?.on('message', (first: WriterRequest) => {
  const writes: QueuedWrite[] = []
  let next: WriterRequest | undefined = first
  while (next !== undefined && next !== 'close') {
    writes.push(next)
    next = writes.length < maxWritesTogether ? receive() : undefined
  }
  if (writes.length > 0) {
    const answers: readonly WriteAnswer[] = applier.apply(writes)
    parentPort?.postMessage(answers)
  }
  checkpointer.afterWrites(writes)
  if (next === 'close') {
    database.close()
    parentPort?.close()
  }
})

function readPath(data: unknown): string {
  if (typeof data === 'object' && data !== null && 'path' in data && typeof data.path === 'string')
    return data.path
  throw new TypeError('the writer of records was not told the path of the database')
}

function receive(): WriterRequest | undefined {
  if (parentPort === null) return undefined
  const received: { readonly message: WriterRequest } | undefined = receiveMessageOnPort(parentPort)
  return received?.message
}
