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
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileError } from './file-error.ts'
import { writeFileAtomically } from './write-file-atomically.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lading-files-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777

describe('writeFileAtomically()', () => {
  test.each([
    ['text', 'grün'],
    ['bytes', Buffer.from('grün')],
    ['a stream', Readable.from([Buffer.from('gr'), Buffer.from('ün')])],
  ])('writes %s and leaves nothing else', async (_kind, data) => {
    const path = join(directory, 'file')
    await writeFileAtomically(path, data)
    expect(await readFile(path, 'utf8')).toBe('grün')
    expect(await readdir(directory)).toEqual(['file'])
  })

  test('keeps the mode of the file that is there', async () => {
    const path = join(directory, 'file')
    await writeFile(path, 'old')
    await chmod(path, 0o640)
    await writeFileAtomically(path, 'new')
    expect(await readFile(path, 'utf8')).toBe('new')
    expect(await modeOf(path)).toBe(0o640)
  })

  test('gives the mode that was asked for', async () => {
    const path = join(directory, 'file')
    await writeFile(path, 'old', { mode: 0o644 })
    await writeFileAtomically(path, 'secret', { mode: 0o600 })
    expect(await modeOf(path)).toBe(0o600)
  })

  test('writes through a chain of symbolic links, into the directory that they lead to', async () => {
    await mkdir(join(directory, 'real'))
    await symlink('real/middle', join(directory, 'link'))
    await symlink('file', join(directory, 'real', 'middle'))
    await writeFileAtomically(join(directory, 'link'), 'through')
    expect(await readFile(join(directory, 'real', 'file'), 'utf8')).toBe('through')
    expect(await readlink(join(directory, 'link'))).toBe('real/middle')
    expect(await readdir(join(directory, 'real'))).toEqual(['file', 'middle'])
  })

  test('leaves what was there when the stream breaks', async () => {
    const path = join(directory, 'file')
    await writeFile(path, 'old')
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('half')
        throw new Error('the source broke')
      })(),
    )
    await expect(writeFileAtomically(path, broken)).rejects.toThrow('the source broke')
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(directory)).toEqual(['file'])
  })

  test('rejects with the reason of an abort in the middle of a stream, and leaves nothing', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(1000))
        controller.abort(reason)
      },
    })
    const writing = writeFileAtomically(join(directory, 'file'), endless, { signal: controller.signal })
    await expect(writing).rejects.toBe(reason)
    expect(endless.destroyed).toBe(true)
    expect(await readdir(directory)).toEqual([])
  })

  test('does nothing when the signal is aborted already', async () => {
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(writeFileAtomically(join(directory, 'file'), 'x', { signal })).rejects.toBe(reason)
    expect(await readdir(directory)).toEqual([])
  })

  test('names the path and the reason when it cannot be written', async () => {
    const path = join(directory, 'missing', 'file')
    const error = await writeFileAtomically(path, 'x').catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(FileError)
    expect(error).toMatchObject({ code: 'FILE', cause: { code: 'ENOENT' } })
    expect(String(error)).toContain('no such file or directory')
  })

  test('refuses links that lead in a circle', async () => {
    await symlink('b', join(directory, 'a'))
    await symlink('a', join(directory, 'b'))
    await expect(writeFileAtomically(join(directory, 'a'), 'x')).rejects.toThrow('too many symbolic links')
  })

  test('removes the temporary file when the name is taken by a directory', async () => {
    const path = join(directory, 'taken')
    await mkdir(path)
    await expect(writeFileAtomically(path, 'x')).rejects.toThrow(FileError)
    expect(await readdir(directory)).toEqual(['taken'])
  })
})
