import type { Worker } from 'node:worker_threads'
import { startWorker } from '../start-worker.ts'
import type { WriterAnswer, WriterRequest, WriterTask } from './upload-writer-messages.ts'

/** Spare buffers that are kept for the next upload. */
const maxSpareBuffers = 8

/** Bytes of a buffer that parts come in. */
export const writerBufferBytes: number = 768 * 1024

/**
 * A thread that writes uploads and hashes them, so that this one has the time for requests: it is started at the first
 * use and again after it died, and it keeps the hash of each file it was asked about until it is told to forget it.
 */
export class UploadWriter implements AsyncDisposable {
  #worker: Worker | undefined
  #requests = 0
  #files = 0
  readonly #waiting = new Map<number, PromiseWithResolvers<string | undefined>>()
  readonly #spare: SharedArrayBuffer[] = []

  /** A number that no other file of this thread has. */
  newFile(): number {
    return ++this.#files
  }

  /** A buffer that nobody else has until it is given back. */
  takeBuffer(): SharedArrayBuffer {
    return this.#spare.pop() ?? new SharedArrayBuffer(writerBufferBytes)
  }

  /** Takes back a buffer when every request that it is part of was answered. */
  giveBuffer(buffer: SharedArrayBuffer): void {
    if (this.#spare.length < maxSpareBuffers) this.#spare.push(buffer)
  }

  /** Starts the thread, unless it runs: done before the first use, that has not to wait for it. */
  start(): void {
    this.#worker ??= this.#startWorker()
  }

  /**
   * Has something done; what is asked for one file is done in the order of the calls. Gives the digest in hex, where that
   * was asked for. Resolves or rejects only when the thread has let go of the descriptor, also after an abort.
   *
   * @throws the error of the file system, with `code` and `syscall`; the signal's reason.
   */
  async ask(file: number, task: WriterTask, signal?: AbortSignal): Promise<string | undefined> {
    signal?.throwIfAborted()
    const request = this.#post(file, task)
    const answered = Promise.withResolvers<string | undefined>()
    this.#waiting.set(request, answered)
    if (this.#waiting.size === 1) this.#worker?.ref()
    const stop = (): void => void this.#post(file, { kind: 'stop', stopped: request })
    signal?.addEventListener('abort', stop, { once: true })
    try {
      return await answered.promise
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', stop)
      this.#waiting.delete(request)
      if (this.#waiting.size === 0) this.#worker?.unref()
    }
  }

  /** Lets the thread forget a file. */
  forget(file: number): void {
    if (this.#worker !== undefined) this.#post(file, { kind: 'forget' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  #post(file: number, task: WriterTask): number {
    this.start()
    const request = ++this.#requests
    const message: WriterRequest = { ...task, request, file }
    this.#worker?.postMessage(message)
    return request
  }

  #startWorker(): Worker {
    const worker = startWorker(import.meta.url, 'upload-writer')
    worker.unref()
    worker.on('message', (answer: WriterAnswer) => {
      const waiting = this.#waiting.get(answer.request)
      if ('error' in answer) waiting?.reject(Object.assign(new Error(answer.error.message), answer.error))
      else waiting?.resolve(answer.digest)
    })
    worker.on('error', (error: unknown) => this.#died(worker, error))
    worker.on('exit', () => this.#died(worker, new Error('The thread that writes uploads ended')))
    return worker
  }

  #died(worker: Worker, error: unknown): void {
    if (this.#worker === worker) this.#worker = undefined
    for (const { reject } of this.#waiting.values()) reject(error)
  }
}
