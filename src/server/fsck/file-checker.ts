import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { type DigestAlgorithm, digestAlgorithm, parseDigest } from '../../oci/index.ts'
import { BlobPaths } from '../storage/blobs/blob-keys.ts'
import { startWorker } from '../storage/start-worker.ts'
import type { CheckContentOptions, ContentChecker, ExpectedContent } from './content-checker.ts'
import type { ContentState } from './finding.ts'
import type { HashAnswer, HashRequest } from './hash-file-messages.ts'

/** More threads than this read no disk any faster. */
const mostThreads = 4

/**
 * Checks contents that are files, each on one of a few threads: reading and hashing in large steps there goes as fast
 * as the disk or the cores, and leaves the calling thread free.
 *
 * @param directory The blob store's.
 */
export function createFileChecker(directory: string): ContentChecker {
  const paths = new BlobPaths(directory)
  const concurrency = Math.min(mostThreads, availableParallelism())
  const idle: HashThread[] = []
  const all = new Set<HashThread>()
  return {
    concurrency,
    async check(content, options = {}) {
      options.signal?.throwIfAborted()
      const path = paths.blob(content.key)
      if (path === undefined) return { state: 'missing' }
      const thread = idle.pop() ?? new HashThread()
      all.add(thread)
      const state = await thread.check(path, content, options)
      idle.push(thread)
      return state
    },
    async close() {
      await Promise.all([...all].map((thread) => thread.close()))
    },
  }
}

/** A thread that reads one file at a time. */
class HashThread {
  readonly #worker: Worker = startWorker(import.meta.url, 'hash-file')
  #requests = 0

  constructor() {
    // Whoever waits for an answer is told; one that ends while nobody waits has nothing to say.
    this.#worker.on('error', () => undefined)
  }

  /** An abort ends the thread: it does not listen while it reads. */
  async check(
    path: string,
    { digest, size }: ExpectedContent,
    { signal, onBytes }: CheckContentOptions,
  ): Promise<ContentState> {
    const algorithm = digestAlgorithm(digest)
    this.#requests += 1
    const request: HashRequest = { request: this.#requests, path, algorithm, size }
    const { promise, resolve, reject } = Promise.withResolvers<ContentState>()
    const onMessage = (message: HashAnswer): void => {
      if (message.request !== request.request) return
      if (message.kind === 'bytes') onBytes?.(message.count)
      else resolve(stateOf(message, digest, algorithm))
    }
    const onExit = (): void => reject(new Error('The thread that reads files ended'))
    const onAbort = (): void => {
      reject(signal?.reason)
      void this.close()
    }
    this.#worker.on('message', onMessage).on('error', reject).on('exit', onExit)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      this.#worker.postMessage(request)
      return await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#worker.off('message', onMessage).off('error', reject).off('exit', onExit)
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

function stateOf(
  message: Exclude<HashAnswer, { kind: 'bytes' }>,
  digest: string,
  algorithm: DigestAlgorithm,
): ContentState {
  switch (message.kind) {
    case 'missing':
      return { state: 'missing' }
    case 'size':
      return { state: 'size', actual: message.actual }
    case 'failed':
      return { state: 'unreadable', reason: message.reason }
    case 'hex': {
      const actual = parseDigest(`${algorithm}:${message.hex}`)
      return actual === digest ? { state: 'whole' } : { state: 'digest', actual }
    }
    default:
      return message satisfies never
  }
}
