import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildImage } from '../fixtures/build-image.ts'
import { writeLayout } from '../fixtures/write-layout.ts'
import { startLading } from './lading-process.ts'

/** Far more than a pipe holds, in content and in names. */
const tree = {
  large: Buffer.alloc(2_000_000, 'x'),
  ...Object.fromEntries(
    Array.from({ length: 4000 }, (_, number) => [`${'long-name-'.repeat(8)}${number}`, '']),
  ),
}

describe('standard output', () => {
  let directory: string
  let temporary: string
  let image: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lading-test-'))
    temporary = join(directory, 'temporary')
    await mkdir(temporary)
    image = `oci:${join(directory, 'layout')}:v1`
    await writeLayout(join(directory, 'layout'), { v1: buildImage({ layers: [tree] }) })
  })

  afterAll(async () => {
    await rm(directory, { recursive: true })
  })

  const verbs = [
    ['export', () => ['export', image]],
    ['cat', () => ['cat', image, '/large']],
    ['cat --verify', () => ['cat', '--verify', image, '/large']],
    ['save', () => ['save', image, '-o', '-']],
    ['inspect --raw', () => ['inspect', '--raw', image]],
    ['inspect', () => ['inspect', image]],
    ['files', () => ['files', '-l', image]],
    ['files --json', () => ['files', '--json', image]],
  ] as const

  test.each(verbs)('%s ends quietly when its reader goes away', async (_verb, words) => {
    const { stdout, exit } = startLading(words(), { environment: { TMPDIR: temporary } })
    if (stdout === null) throw new Error('the process has no standard output')
    await once(stdout, 'data')
    stdout.destroy()
    const { code, stderr } = await exit
    expect(stderr).not.toContain('error')
    expect(code).toBe(0)
    expect(await readdir(temporary)).toEqual([])
  })

  test.skipIf(process.platform !== 'linux').each(verbs)('%s says that it is full', async (_verb, words) => {
    const full = await open('/dev/full', 'w')
    try {
      const { code, stderr } = await startLading(words(), { stdout: full.fd }).exit
      expect(stderr).toMatch(
        /^error: Cannot write (?:to standard output|docker-archive:-): no space left on device\n/m,
      )
      expect(code).toBe(3)
    } finally {
      await full.close()
    }
  })
})
