import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { startWorker } from '../storage/start-worker.ts'
import type { BcryptQuestion } from './bcrypt.worker.ts'

/** Compares a password with a bcrypt hash. */
export interface BcryptThread {
  /** One at a time. Rejects when the thread ended before it answered. */
  compare(password: string, hash: string): Promise<boolean>
  close(): Promise<void>
}

/**
 * A thread for bcrypt, which would hold the event loop for 50 ms to a second. It is started when it is first needed, and
 * again when it ended.
 */
export function createBcryptThread(): BcryptThread {
  let worker: Worker | undefined

  function start(): Worker {
    const started = startWorker(import.meta.url, 'bcrypt')
    // A thread that waits for questions is no reason to keep the process.
    started.unref()
    const forget = (): void => {
      if (worker === started) worker = undefined
    }
    started.once('exit', forget).once('error', forget)
    return started
  }

  return {
    async compare(password, hash) {
      worker ??= start()
      return ask(worker, { password, hash })
    },
    async close() {
      await worker?.terminate()
    },
  }
}

async function ask(worker: Worker, question: BcryptQuestion): Promise<boolean> {
  const over = new AbortController()
  try {
    const answer: Promise<unknown[]> = once(worker, 'message', { signal: over.signal })
    const end: Promise<unknown[]> = once(worker, 'exit', { signal: over.signal })
    worker.postMessage(question)
    const [verdict] = await Promise.race([answer, end])
    if (typeof verdict !== 'boolean') throw new Error('the thread that checks passwords has ended')
    return verdict
  } finally {
    over.abort()
  }
}
