import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts the worker thread whose file lies beside the calling one: `<name>.worker.ts` in the sources, `.js` in the
 * compiled library, `.cjs` beside the chunks of the bundled command. The ending is the caller's own, as compilers
 * rewrite that of imports and nothing else.
 *
 * ```ts
 * const worker = startWorker(import.meta.url, 'hash', { workerData: { … } }) // hash.worker.ts in the same folder
 * ```
 *
 * `build/bundle-workers.ts` finds every `*.worker.ts` below src/ and makes one file of each and what it imports, so
 * their names are unique among all folders. A worker takes 30 to 250 ms to start and some 10 MB: start one, keep it,
 * and let its file import little. Whoever starts it listens for `error` and `exit`, and ends it.
 *
 * @param caller The caller's `import.meta.url`.
 */
export function startWorker(caller: string, name: string, options: WorkerOptions = {}): Worker {
  const file = new URL(`./${name}.worker${extname(fileURLToPath(caller))}`, caller)
  // The arguments of this process's Node.js are for its own script: loaders and hooks of a test runner among them.
  return new Worker(file, { name, execArgv: [], ...options })
}
