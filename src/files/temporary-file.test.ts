import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileError } from './file-error.ts'
import { openTemporaryFile } from './temporary-file.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lading-files-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe('openTemporaryFile()', () => {
  test.each([true, false])('commits what was streamed into it, durable %s', async (durable) => {
    const chunks = Array.from({ length: 200 }, (_, index) => Buffer.alloc(10_000, index))
    const file = await openTemporaryFile(directory, { durable })
    await file.write(Buffer.from('head'))
    await pipeline(Readable.from(chunks), file.stream())
    await mkdir(join(directory, 'sub'))
    await file.commitAs(join(directory, 'sub', 'blob'))
    const expected = Buffer.concat([Buffer.from('head'), ...chunks])
    expect(expected.equals(await readFile(join(directory, 'sub', 'blob')))).toBe(true)
    expect(await readdir(directory)).toEqual(['sub'])
  })

  test('is private until it is committed with the mode that was asked for', async () => {
    const file = await openTemporaryFile(directory, { mode: 0o644 })
    expect((await stat(file.path)).mode & 0o777).toBe(0o600)
    expect(dirname(file.path)).toBe(directory)
    await file.commitAs(join(directory, 'blob'))
    expect((await stat(join(directory, 'blob'))).mode & 0o777).toBe(0o644)
  })

  test('replaces what has the name', async () => {
    await writeFile(join(directory, 'blob'), 'old')
    const file = await openTemporaryFile(directory)
    await file.write(Buffer.from('new'))
    await file.commitAs(join(directory, 'blob'))
    expect(await readFile(join(directory, 'blob'), 'utf8')).toBe('new')
  })

  test('is gone after discard(), which may be called again', async () => {
    const file = await openTemporaryFile(directory)
    await file.write(Buffer.from('x'))
    await file.discard()
    await file.discard()
    expect(await readdir(directory)).toEqual([])
  })

  test('leaves a committed file alone when it is disposed of', async () => {
    {
      await using file = await openTemporaryFile(directory)
      await file.commitAs(join(directory, 'blob'))
    }
    expect(await readdir(directory)).toEqual(['blob'])
  })

  test('is gone when it could not be committed', async () => {
    const file = await openTemporaryFile(directory)
    await expect(file.commitAs(join(directory, 'missing', 'blob'))).rejects.toThrow(FileError)
    expect(await readdir(directory)).toEqual([])
  })

  test('is gone when the signal was aborted before the commit', async () => {
    const controller = new AbortController()
    const file = await openTemporaryFile(directory, { signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(file.commitAs(join(directory, 'blob'))).rejects.toBe(reason)
    expect(await readdir(directory)).toEqual([])
  })

  test('says where it could not write', async () => {
    await expect(openTemporaryFile(join(directory, 'missing'))).rejects.toThrow(
      `Cannot write in ${join(directory, 'missing')}: no such file or directory`,
    )
  })
})
