import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleWorkers } from './bundle-workers.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lading-bundle-'))
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

test('bundleWorkers() makes one file of a worker and what it imports', async () => {
  await write('src/a/double.worker.ts', `import { double } from '../b/double.ts'; exports_.push(double(4))`)
  await write('src/b/double.ts', `export const double = (number: number): number => number * 2`)
  await write('src/b/worker.ts', `throw new Error('no worker')`)
  const chunks = await bundleWorkers(root)
  expect(chunks.map(({ fileName }) => fileName)).toEqual(['double.worker.cjs'])
  const got: number[] = []
  // oxlint-disable-next-line typescript/no-implied-eval -- the code under test is text
  Reflect.apply(new Function('exports_', chunks[0]?.code ?? ''), undefined, [got])
  expect(got).toEqual([8])
})

test('bundleWorkers() refuses two workers of one name', async () => {
  await write('src/a/hash.worker.ts', `export {}`)
  await write('src/b/hash.worker.ts', `export {}`)
  await expect(bundleWorkers(root)).rejects.toThrow('two are called hash.worker')
})

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}
