import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeDirectory } from './index.ts'

describe('makeDirectory()', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lading-test-'))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  test('makes what is missing on the way, and is content with what is there', async () => {
    const path = join(directory, 'a', 'b', 'c')
    await Promise.all([makeDirectory(path), makeDirectory(path), makeDirectory(join(directory, 'a', 'd'))])
    await makeDirectory(path)
    expect((await stat(path)).isDirectory()).toBe(true)
    expect(await readdir(join(directory, 'a'))).toEqual(['b', 'd'])
  })

  test('says what is in the way', async () => {
    await writeFile(join(directory, 'file'), '')
    await expect(makeDirectory(join(directory, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(makeDirectory(join(directory, 'file', 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  test.skipIf(process.platform !== 'linux')('ends where nothing can be made', async () => {
    await expect(makeDirectory('/proc/lading/layout')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
