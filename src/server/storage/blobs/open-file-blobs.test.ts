import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DamagedContentError, NotFoundError } from '../../../content/index.ts'
import { digestHex, digestOf } from '../../../oci/index.ts'
import type { BlobStore } from './blob-store.ts'
import { openFileBlobs } from './open-file-blobs.ts'
import { UploadOffsetError, UploadTooLargeError } from './upload-errors.ts'

const maxSize = 64 * 1024 * 1024

let directory: string
let blobs: BlobStore
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lading-blobs-'))
  blobs = await openFileBlobs(directory)
})
afterEach(async () => {
  await blobs.close()
  await rm(directory, { recursive: true, force: true })
})

describe('an upload', () => {
  test.each([0, 1, 300_000, 3_000_000])('of %i bytes is committed and read back', async (size) => {
    const bytes = randomBytes(size)
    const upload = await blobs.createUpload()
    expect(await blobs.append(upload, Readable.from([bytes]), { offset: 0, maxSize })).toBe(size)
    const { key, size: committed } = await blobs.commit(upload, digestOf(bytes))
    expect(committed).toBe(size)
    expect(key).toMatch(new RegExp(`^sha256/${digestHex(digestOf(bytes))}-[0-9a-f]{12}$`))
    expect((await buffer(await blobs.read(key))).equals(bytes)).toBe(true)
    expect(await blobs.uploadSize(upload)).toBeUndefined()
    expect(await readdir(join(directory, 'uploads'))).toEqual([])
  })

  test('goes on after a body that broke off, with what had arrived', async () => {
    const bytes = randomBytes(1_000_000)
    const upload = await blobs.createUpload()
    const broken = new PassThrough()
    const appended = blobs.append(upload, broken, { offset: 0, maxSize })
    broken.write(bytes.subarray(0, 400_000))
    broken.once('drain', () => broken.destroy(new Error('gone')))
    await expect(appended).rejects.toThrow('gone')
    expect(await blobs.uploadSize(upload)).toBe(400_000)
    await blobs.append(upload, Readable.from([bytes.subarray(400_000)]), { offset: 400_000, maxSize })
    const { key } = await blobs.commit(upload, digestOf(bytes, 'sha512'))
    expect((await buffer(await blobs.read(key))).equals(bytes)).toBe(true)
  })

  test('with other bytes than its digest says is refused and gone', async () => {
    const upload = await blobs.createUpload()
    await blobs.append(upload, Readable.from([Buffer.from('a')]), { offset: 0, maxSize })
    await expect(blobs.commit(upload, digestOf(Buffer.from('b')))).rejects.toThrow(DamagedContentError)
    expect(await blobs.uploadSize(upload)).toBeUndefined()
    expect(await blobs.list({ limit: 10 })).toEqual([])
  })

  test('is as it was before an append with too many bytes', async () => {
    const upload = await blobs.createUpload()
    await blobs.append(upload, Readable.from([Buffer.from('abc')]), { offset: 0, maxSize })
    const large = new PassThrough({ highWaterMark: 1 })
    large.write(Buffer.alloc(600_000))
    large.once('drain', () => large.end(Buffer.alloc(600_000)))
    await expect(blobs.append(upload, large, { offset: 3, maxSize: 1_000_000 })).rejects.toThrow(
      UploadTooLargeError,
    )
    expect(await blobs.uploadSize(upload)).toBe(3)
    await expect(blobs.commit(upload, digestOf(Buffer.from('abc')))).resolves.toMatchObject({ size: 3 })
  })

  test('is not written elsewhere than at its end', async () => {
    const upload = await blobs.createUpload()
    const body = Readable.from([Buffer.from('abc')])
    await expect(blobs.append(upload, body, { offset: 1, maxSize })).rejects.toThrow(UploadOffsetError)
  })
})

describe('read()', () => {
  test('gives ranges, and refuses what has another size than is expected', async () => {
    const key = await push(Buffer.from('0123456789'))
    expect(String(await buffer(await blobs.read(key, { range: { start: 3, end: 5 } })))).toBe('345')
    expect(String(await buffer(await blobs.read(key, { range: { start: 8 } })))).toBe('89')
    await expect(blobs.read(key, { size: 11 })).rejects.toThrow(DamagedContentError)
  })

  test('knows no keys that lead out of the folder (CVE-2024-3727)', async () => {
    await mkdir(join(directory, 'ou'))
    for (const file of ['outside', join('ou', 'outside')]) await writeFile(join(directory, file), 'secret')
    for (const key of ['../outside', 'sha256/..', 'sha256/../../outside']) {
      await expect(blobs.read(key)).rejects.toThrow(NotFoundError)
      expect(await blobs.has(key, 6)).toBe(false)
      await blobs.delete(key)
      expect(await blobs.uploadSize(key)).toBeUndefined()
      const appended = blobs.append(key, Readable.from([]), { offset: 6, maxSize })
      await expect(appended).rejects.toThrow(NotFoundError)
      await expect(blobs.takeOver(key)).rejects.toThrow(NotFoundError)
      await blobs.cancel(key)
    }
    for (const file of ['outside', join('ou', 'outside')])
      expect(await readFile(join(directory, file), 'utf8')).toBe('secret')
  })
})

/** CVE-2026-50162, CVE-2026-50163: links in what was pulled led reads and writes out of a folder. */
describe('a link in the place of a file', () => {
  const secret = Buffer.from('secret')
  let outside: string

  beforeEach(async () => {
    outside = join(directory, 'outside')
    await writeFile(outside, secret)
  })

  test('is no blob', async () => {
    const key = await push(secret)
    const [, name = ''] = key.split('/')
    const file = join(directory, 'blobs', 'sha256', name.slice(0, 2), name)
    expect(await blobs.has(key, secret.length)).toBe(true)
    await unlink(file)
    await symlink(outside, file)
    await expect(blobs.read(key)).rejects.toMatchObject({ cause: { code: 'ELOOP' } })
    expect(await blobs.has(key, secret.length)).toBe(false)
    expect(await blobs.list({ limit: 10 })).toEqual([])
    await blobs.delete(key)
    expect(await readFile(outside)).toEqual(secret)
  })

  test('is no upload', async () => {
    const upload = await blobs.createUpload()
    const file = join(directory, 'uploads', upload)
    await unlink(file)
    await symlink(outside, file)
    const body = Readable.from([Buffer.from('more')])
    const offset = secret.length
    await expect(blobs.append(upload, body, { offset, maxSize })).rejects.toMatchObject({
      cause: { code: 'ELOOP' },
    })
    await expect(blobs.commit(upload, digestOf(secret))).rejects.toMatchObject({ cause: { code: 'ELOOP' } })
    await expect(blobs.takeOver(upload)).rejects.toThrow(NotFoundError)
    expect(await blobs.uploadSize(upload)).toBeUndefined()
    expect(await blobs.listUploads({ before: Infinity, limit: 10 })).toEqual([])
    await blobs.cancel(upload)
    expect(await readFile(outside)).toEqual(secret)
  })
})

test('blobs and folders are for their owner alone', async () => {
  const key = await push(Buffer.from('x'))
  const [, name = ''] = key.split('/')
  const file = await stat(join(directory, 'blobs', 'sha256', name.slice(0, 2), name))
  expect(file.mode & 0o777).toBe(0o600)
  expect((await stat(join(directory, 'uploads'))).mode & 0o777).toBe(0o700)
})

async function push(bytes: Buffer): Promise<string> {
  const upload = await blobs.createUpload()
  await blobs.append(upload, Readable.from([bytes]), { offset: 0, maxSize })
  return (await blobs.commit(upload, digestOf(bytes))).key
}
