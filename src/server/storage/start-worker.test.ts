import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker } from './start-worker.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-worker-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

test.each([
  [
    'a source',
    'ts',
    `import { parentPort } from 'node:worker_threads'; const port: typeof parentPort = parentPort`,
  ],
  [
    'the compiled library',
    'mjs',
    `import { parentPort } from 'node:worker_threads'; const port = parentPort`,
  ],
  [
    'the bundled command',
    'cjs',
    `const { parentPort } = require('node:worker_threads'); const port = parentPort`,
  ],
])('startWorker() starts the file beside the caller in %s', async (_, ending, start) => {
  await writeFile(
    join(folder, `echo.worker.${ending}`),
    `${start}\nport?.on('message', (message) => port?.postMessage([message, '${ending}']))`,
  )
  const worker = startWorker(pathToFileURL(join(folder, `caller.${ending}`)).href, 'echo')
  try {
    worker.postMessage('hello')
    expect(await once(worker, 'message')).toEqual([['hello', ending]])
  } finally {
    await worker.terminate()
  }
})
