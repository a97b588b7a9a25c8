import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestHex, digestOf } from '../oci/index.ts'
import { createContentCache } from './content-cache.ts'

const bytes = Buffer.from('manifest')
const digest = digestOf(bytes)
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-cache-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('createContentCache()', () => {
  test('gives what was put, and which digest a name had last', async () => {
    const cache = createContentCache(join(folder, 'a', 'b'))
    expect(await cache.get(digest)).toBeUndefined()
    await cache.put(digest, bytes)
    await cache.noteDigest('python:3', digest)
    expect(await cache.get(digest)).toEqual(bytes)
    expect(await cache.lastDigest('python:3')).toBe(digest)
    expect(await cache.lastDigest('python:4')).toBeUndefined()
  })

  test('gives nothing that was damaged', async () => {
    const cache = createContentCache(folder)
    await cache.put(digest, bytes)
    await cache.noteDigest('python:3', digest)
    await writeFile(join(folder, 'blobs', 'sha256', digestHex(digest)), 'something else')
    const [name = ''] = await readdir(join(folder, 'names'))
    await writeFile(join(folder, 'names', name), '../../x')
    expect(await cache.get(digest)).toBeUndefined()
    expect(await cache.lastDigest('python:3')).toBeUndefined()
  })

  test('goes without where it cannot write', async () => {
    await writeFile(join(folder, 'file'), '')
    const cache = createContentCache(join(folder, 'file'))
    await cache.put(digest, bytes)
    await cache.trim()
    expect(await cache.get(digest)).toBeUndefined()
  })

  test('drops the older half where there is too much', async () => {
    const cache = createContentCache(folder, { mostFiles: 4 })
    const all = Array.from({ length: 5 }, (_, number) => Buffer.from(String(number)))
    for (const [number, one] of all.entries()) {
      await cache.put(digestOf(one), one)
      await utimes(join(folder, 'blobs', 'sha256', digestHex(digestOf(one))), number, number)
    }
    await cache.trim()
    const left = await Promise.all(all.map(async (one) => (await cache.get(digestOf(one))) !== undefined))
    expect(left).toEqual([false, false, false, true, true])
  })
})
