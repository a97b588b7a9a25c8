import type { Worker } from 'node:worker_threads'
import { ProtocolError } from '../../protocol-error.ts'
import { startWorker } from '../start-worker.ts'
import type { Change, WriteOutcome } from './record-store.ts'
import { asRecordsError } from './sqlite-fault.ts'
import type { WriteAnswer, WriterData, WriterRequest } from './writer-messages.ts'

/** Writes records on a thread of its own. */
export interface RecordWriter {
  /** @throws {ProtocolError} UNAVAILABLE, UNKNOWN. */
  write(changes: readonly Change[], durable: boolean): Promise<WriteOutcome>
  /** Waits for the writes that were begun, and takes no more. */
  close(): Promise<void>
}

/** Which file a writer's thread runs, for tests that have it die. */
export interface RecordWriterOptions {
  readonly start?: ((data: WriterData) => Worker) | undefined
}

interface Pending {
  readonly resolve: (outcome: WriteOutcome) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gives a writer for the records database at `path`, which is there. Its thread is started at once, and again at the
 * next write where it died; the writes that it had not answered are rejected then.
 */
export function createRecordWriter(path: string, options: RecordWriterOptions = {}): RecordWriter {
  const start =
    options.start ?? ((workerData) => startWorker(import.meta.url, 'record-writer', { workerData }))
  const pending = new Map<number, Pending>()
  let lastId = 0
  let closed: Promise<void> | undefined
  let worker: Worker | undefined = startThread()

  function startThread(): Worker {
    const thread = start({ path })
    thread.on('message', (answers: readonly WriteAnswer[]) => answers.forEach(settle))
    // A worker that throws emits `error`, and `exit` in any case.
    let reason: unknown
    thread.on('error', (error) => {
      reason = error
    })
    thread.on('exit', (code) => {
      if (worker !== thread) return
      worker = undefined
      const error = new ProtocolError(
        'UNAVAILABLE',
        'Cannot write records: the thread that writes them ended',
        {
          cause: reason ?? new Error(`the thread ended by itself, with exit code ${code}`),
        },
      )
      for (const { reject } of pending.values()) reject(error)
      pending.clear()
    })
    thread.unref()
    return thread
  }

  function settle(answer: WriteAnswer): void {
    const waiting = pending.get(answer.id)
    pending.delete(answer.id)
    if (pending.size === 0) worker?.unref()
    if (answer.outcome === 'done') waiting?.resolve({ done: true })
    else if (answer.outcome === 'conflict') waiting?.resolve({ done: false, conflict: answer.key })
    else waiting?.reject(asRecordsError('write records', answer.fault))
  }

  async function write(changes: readonly Change[], durable: boolean): Promise<WriteOutcome> {
    if (closed !== undefined)
      throw new ProtocolError('UNAVAILABLE', 'Cannot write records: the storage is closed')
    worker ??= startThread()
    const thread = worker
    lastId += 1
    const id = lastId
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject })
      thread.ref()
      const owned = changes.map(withOwnBytes)
      const request: WriterRequest = { id, changes: owned, durable }
      thread.postMessage(request, owned.flatMap(bytesOf))
    })
  }

  async function closeThread(): Promise<void> {
    const thread = worker
    if (thread === undefined) return
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
    thread.ref()
    const request: WriterRequest = 'close'
    thread.postMessage(request)
    await ended
  }

  return {
    write,
    close: async () => (closed ??= closeThread()),
  }
}

/** A change whose value has a buffer of its own: that of a chunk of the network would be sent whole with it. */
function withOwnBytes(change: Change): Change {
  return change.kind === 'put' ? { ...change, value: Uint8Array.from(change.value) } : change
}

function bytesOf(change: Change): readonly ArrayBuffer[] {
  return change.kind === 'put' && change.value.buffer instanceof ArrayBuffer ? [change.value.buffer] : []
}
