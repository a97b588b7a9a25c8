import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { createWriteApplier } from './apply-writes.ts'
import { createCheckpointer } from './checkpoint.ts'
import { keepRoomInLog } from './keep-room-in-log.ts'
import { openRecordsDatabase } from './open-records-database.ts'
import type { QueuedWrite, WriteAnswer, WriterRequest } from './writer-messages.ts'

/**
 * The thread that writes records: a sync of the disk can take hundreds of milliseconds, in which the main thread
 * answers others. Writes that arrive meanwhile are done in one transaction and share its sync.
 */
const path = readPath(workerData)
const database = openRecordsDatabase(path, { readOnly: false })
const applier = createWriteApplier(database)
const checkpointer = createCheckpointer(database)
keepRoomInLog(database, path)

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
    parentPort?.postMessage(applyMakingRoom(writes))
    checkpointer.afterWrites(writes)
  }
  if (next === 'close') {
    database.close()
    parentPort?.close()
  }
})

/** Applies writes, and those that found the disk full once more when the log can be written from its beginning. */
function applyMakingRoom(writes: readonly QueuedWrite[]): readonly WriteAnswer[] {
  const answers = applier.apply(writes)
  const unwritten = new Set(answers.flatMap((answer) => (isOfFullDisk(answer) ? [answer.id] : [])))
  if (unwritten.size === 0) return answers
  checkpointer.makeRoom()
  const others = answers.filter(({ id }) => !unwritten.has(id))
  return [...others, ...applier.apply(writes.filter(({ id }) => unwritten.has(id)))]
}

function isOfFullDisk(answer: WriteAnswer): boolean {
  return answer.outcome === 'failed' && answer.fault.resultCode === sqliteFull
}

/** https://sqlite.org/rescode.html#full */
const sqliteFull = 13

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
