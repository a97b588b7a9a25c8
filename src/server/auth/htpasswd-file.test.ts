import { mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileError } from '../../files/index.ts'
import { AccessConfigurationError } from './access-configuration-error.ts'
import { openHtpasswdFile } from './htpasswd-file.ts'

const hash = '$2b$04$O0PyI7JyDCdZ2knJRkBOquplC2RtW1PR7/F3TOQodZrakjxNT3G66'

let folder: string
let path: string
let time: number
let told: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-htpasswd-'))
  path = join(folder, 'users')
  time = 0
  told = []
  await writeFile(path, `alice:${hash}\n`)
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

function options(): Parameters<typeof openHtpasswdFile>[1] {
  const log = { info: () => told.push('info'), error: () => told.push('error') }
  return { now: () => time, log }
}

describe('openHtpasswdFile()', () => {
  test('reads a file that is written anew, no sooner than a second after it looked', async () => {
    const file = await openHtpasswdFile(path, options())
    await writeFile(path, `alice:${hash}\nbob:${hash}\n`)
    time = 999
    expect([...(await file.current()).keys()]).toEqual(['alice'])
    time = 1000
    expect([...(await file.current()).keys()]).toEqual(['alice', 'bob'])
    expect(told).toEqual(['info'])
  })

  test('gives the same object while nothing changed', async () => {
    const file = await openHtpasswdFile(path, options())
    const first = await file.current()
    time = 5000
    expect(await file.current()).toBe(first)
  })

  test('reads a file that another was renamed to', async () => {
    const file = await openHtpasswdFile(path, options())
    await writeFile(join(folder, 'new'), `carol:${hash}\n`)
    await rename(join(folder, 'new'), path)
    time = 1000
    expect([...(await file.current()).keys()]).toEqual(['carol'])
  })

  test('keeps what was there when it becomes unreadable, and says so once for each change', async () => {
    const file = await openHtpasswdFile(path, options())
    await writeFile(path, 'alice:plain text\n')
    for (time = 1000; time < 5000; time += 1000) {
      expect([...(await file.current()).keys()]).toEqual(['alice'])
    }
    expect(told).toEqual(['error'])
    await rm(path)
    for (; time < 10_000; time += 1000) expect((await file.current()).size).toBe(1)
    expect(told).toEqual(['error', 'error'])
    await writeFile(path, `bob:${hash}\n`)
    expect([...(await file.current()).keys()]).toEqual(['bob'])
    expect(told).toEqual(['error', 'error', 'info'])
  })

  test('looks once for all who ask at the same time', async () => {
    const file = await openHtpasswdFile(path, options())
    await writeFile(path, `bob:${hash}\n`)
    time = 1000
    const all = await Promise.all(Array.from({ length: 20 }, () => file.current()))
    expect(all.map((hashes) => [...hashes.keys()])).toEqual(all.map(() => ['bob']))
    expect(told).toEqual(['info'])
  })

  test('does not open without a file, or with one that cannot be used', async () => {
    await expect(openHtpasswdFile(join(folder, 'none'), options())).rejects.toThrow(FileError)
    await expect(openHtpasswdFile(folder, options())).rejects.toThrow(FileError)
    await writeFile(path, 'alice:plain text\n')
    await expect(openHtpasswdFile(path, options())).rejects.toThrow(AccessConfigurationError)
    await truncate(path, 5 * 1024 * 1024)
    await expect(openHtpasswdFile(path, options())).rejects.toThrow('over 4 MiB')
  })
})
