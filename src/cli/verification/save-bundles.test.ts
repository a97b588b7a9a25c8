import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LimitExceededError } from '../../content/index.ts'
import type { Evidence } from '../../signing/index.ts'
import { Output } from '../output.ts'
import { saveBundles } from './save-bundles.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-save-bundles-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

test.each([
  ['more bundles than are looked at', 1001, {}],
  ['more bytes than are read of a file', 5, { padding: 'x'.repeat(15 * 1024 * 1024) }],
])('saveBundles() refuses to write %s', async (_, count, bundle) => {
  const found = Array.from({ length: count }, (): Evidence => ({
    place: { kind: 'file', path: 'f', line: 1 },
    subjects: [],
    content: { kind: 'bundle', bundle },
  }))
  await expect(saveBundles(context(), join(folder, 'kept.jsonl'), found)).rejects.toThrow(LimitExceededError)
  expect(await readdir(folder)).toEqual([])
})

function context(): Parameters<typeof saveBundles>[0] {
  const stream = { write: () => true }
  const output = new Output({ stdout: stream, stderr: stream, environment: {}, setExitCode: () => undefined })
  return { output, signal: new AbortController().signal }
}
