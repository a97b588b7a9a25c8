import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileError, writeFilesTogether } from './index.ts'

describe('writeFilesTogether()', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lading-files-'))
  })
  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  test('writes all, keeps permissions and links, and leaves nothing else', async () => {
    await mkdir(join(directory, 'sub'))
    await writeFile(join(directory, 'a'), 'old')
    await chmod(join(directory, 'a'), 0o751)
    await symlink('../a', join(directory, 'sub', 'link'))
    await writeFilesTogether(
      new Map<string, string | Uint8Array>([
        [join(directory, 'sub', 'link'), 'new'],
        [join(directory, 'b'), Buffer.from('b')],
      ]),
    )
    expect(await readFile(join(directory, 'a'), 'utf8')).toBe('new')
    expect((await stat(join(directory, 'a'))).mode & 0o777).toBe(0o751)
    expect(await readlink(join(directory, 'sub', 'link'))).toBe('../a')
    expect(await readdir(directory)).toEqual(['a', 'b', 'sub'])
    expect(await readdir(join(directory, 'sub'))).toEqual(['link'])
  })

  test('writes none where one cannot be written', async () => {
    await writeFile(join(directory, 'a'), 'old')
    const files = new Map([
      [join(directory, 'a'), 'new'],
      [join(directory, 'gone', 'b'), 'b'],
    ])
    await expect(writeFilesTogether(files)).rejects.toThrow(FileError)
    expect(await readFile(join(directory, 'a'), 'utf8')).toBe('old')
    expect(await readdir(directory)).toEqual(['a'])
  })

  test('writes none where it is told to stop', async () => {
    const reason = new Error('enough')
    const files = new Map([[join(directory, 'a'), 'new']])
    await expect(writeFilesTogether(files, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(await readdir(directory)).toEqual([])
  })
})
