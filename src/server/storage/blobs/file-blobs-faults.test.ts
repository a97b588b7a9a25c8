import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type FileHandle, mkdtemp, open, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DamagedContentError, NotFoundError } from '../../../content/index.ts'
import { digestOf } from '../../../oci/index.ts'
import type { BlobStore } from './blob-store.ts'
import { openFileBlobs } from './open-file-blobs.ts'
import { UploadInterruptedError } from './upload-errors.ts'

const maxSize = Infinity
const large = randomBytes(2_000_000)

let directory: string
let blobs: BlobStore
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lading-blobs-faults-'))
  blobs = await openFileBlobs(directory)
})
afterEach(async () => {
  await blobs.close()
  await rm(directory, { recursive: true, force: true })
})

describe('two requests on one upload', () => {
  test('a second append ends the first, keeps what that wrote, and goes on', async () => {
    const upload = await blobs.createUpload()
    const stuck = await stuckAppend(upload, large.subarray(0, 1_000_000))
    const refused = blobs.append(upload, Readable.from([]), { offset: 0, maxSize })
    await expect(stuck.appended).rejects.toThrow(UploadInterruptedError)
    await expect(refused).rejects.toMatchObject({ code: 'UPLOAD_OFFSET', size: 1_000_000 })
    expect(stuck.body.destroyed).toBe(false)
    await blobs.append(upload, Readable.from([large.subarray(1_000_000)]), { offset: 1_000_000, maxSize })
    expect(await blobs.commit(upload, digestOf(large))).toMatchObject({ size: large.length })
  })

  test('a cancel ends an append, and nothing is left', async () => {
    const upload = await blobs.createUpload()
    const stuck = await stuckAppend(upload, large)
    await Promise.all([expect(stuck.appended).rejects.toThrow(UploadInterruptedError), blobs.cancel(upload)])
    expect(await blobs.uploadSize(upload)).toBeUndefined()
    await expect(blobs.commit(upload, digestOf(large))).rejects.toThrow(NotFoundError)
  })

  test('of two commits one makes the blob', async () => {
    const upload = await blobs.createUpload()
    await blobs.append(upload, Readable.from([large]), { offset: 0, maxSize })
    const outcomes = await Promise.allSettled([1, 2].map(() => blobs.commit(upload, digestOf(large))))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await blobs.list({ limit: 10 })).toHaveLength(1)
  })

  test('a process that lost an upload to another cannot touch what that one has', async () => {
    const upload = await blobs.createUpload()
    const zombie = await stuckAppend(upload, large.subarray(0, 1_000_000))
    await using other = await disposable(await openFileBlobs(directory))
    const copy = await other.store.takeOver(upload)
    const size = (await other.store.uploadSize(copy)) ?? NaN
    zombie.body.end(randomBytes(1_000_000))
    await zombie.appended
    expect(await other.store.uploadSize(copy)).toBe(size)
    await other.store.append(copy, Readable.from([large.subarray(size)]), { offset: size, maxSize })
    await other.store.commit(copy, digestOf(large))
    await expect(blobs.commit(upload, digestOf(large))).rejects.toThrow(NotFoundError)
  })
})

test.skipIf(process.platform !== 'linux')('leaves no file open, whatever ends an operation', async () => {
  for (const size of [1000, large.length]) {
    const bytes = large.subarray(0, size)
    const upload = await blobs.createUpload()
    const broken = new PassThrough()
    const appended = blobs.append(upload, broken, { offset: 0, maxSize })
    broken.destroy(new Error('gone'))
    await expect(appended).rejects.toThrow('gone')
    const aborted = stuckAppend(upload, bytes, AbortSignal.abort(new Error('enough')))
    await expect((await aborted).appended).rejects.toThrow('enough')
    const tooLarge = blobs.append(upload, Readable.from([bytes]), { offset: 0, maxSize: 10 })
    await expect(tooLarge).rejects.toMatchObject({ code: 'UPLOAD_TOO_LARGE' })
    await blobs.append(upload, Readable.from([bytes]), { offset: 0, maxSize })
    const abortedCommit = blobs.commit(upload, digestOf(bytes, 'sha512'), { signal: abortedSoon() })
    await expect(abortedCommit).rejects.toThrow('enough')
    const { key } = await blobs.commit(upload, digestOf(bytes, 'sha512'))
    await expect(blobs.read(key, { size: size + 1 })).rejects.toThrow(DamagedContentError)
    const reader = await blobs.read(key)
    await once(reader.destroy(), 'close')
  }
  expect(await openFilesIn(directory)).toEqual([])
})

test('forgets an upload whose bytes may not have reached the disk, so that no later sync vouches for them', async () => {
  const upload = await blobs.createUpload()
  await blobs.append(upload, Readable.from([large]), { offset: 0, maxSize })
  const prototype: unknown = Object.getPrototypeOf(await openAndClose(join(directory, 'uploads', upload)))
  if (!canSync(prototype)) throw new TypeError('Files have no datasync()')
  const failure = Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'fdatasync' })
  const sync = vi.spyOn(prototype, 'datasync').mockRejectedValueOnce(failure)
  await expect(blobs.commit(upload, digestOf(large))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  sync.mockRestore()
  expect(await blobs.uploadSize(upload)).toBe(0)
  await blobs.append(upload, Readable.from([large]), { offset: 0, maxSize })
  expect(await blobs.commit(upload, digestOf(large))).toMatchObject({ size: large.length })
})

const tmpfs = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', tmpdir()]).status === 0

test.skipIf(!tmpfs)('says that the disk is full, and keeps what was written whole (needs unshare)', () => {
  const script = `
    import { openFileBlobs } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'open-file-blobs.ts')).href)}
    import { Readable } from 'node:stream'
    const blobs = await openFileBlobs(${JSON.stringify(directory)})
    const upload = await blobs.createUpload()
    const chunks = Array.from({ length: 40 }, () => Buffer.alloc(65536))
    const error = await blobs.append(upload, Readable.from(chunks), { offset: 0, maxSize: Infinity }).catch((e) => e)
    const size = await blobs.uploadSize(upload)
    const small = await blobs.append(upload, Readable.from([Buffer.alloc(25e4)]), { offset: size, maxSize: Infinity }).catch((e) => e)
    console.log(JSON.stringify({
      errors: [error, small].map(({ code, status, message, cause }) => ({ code, status, message, cause: cause.code })),
      size, same: (await blobs.uploadSize(upload)) === size,
    }))
    await blobs.close()`
  const mount = 'mount -t tmpfs -o size=1000k none "$1" && exec "$2" --input-type=module --eval "$3"'
  const args = ['-rm', 'sh', '-c', mount, 'sh', directory, process.execPath, script]
  const { stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8' })
  expect(stderr).toBe('')
  const full = {
    code: 'UNAVAILABLE',
    status: 503,
    message: "Cannot write an upload: the registry's disk is full",
    cause: 'ENOSPC',
  }
  expect(JSON.parse(stdout)).toEqual({ errors: [full, full], size: 786_432, same: true })
})

function canSync(value: unknown): value is Pick<FileHandle, 'datasync'> {
  return typeof value === 'object' && value !== null && 'datasync' in value
}

async function openAndClose(path: string): Promise<FileHandle> {
  const file = await open(path)
  await file.close()
  return file
}

/** An append whose body gave these bytes, which were taken, and then nothing. */
async function stuckAppend(
  upload: string,
  bytes: Buffer,
  signal?: AbortSignal,
): Promise<{ body: PassThrough; appended: Promise<number> }> {
  const body = new PassThrough({ highWaterMark: 1 })
  const appended = blobs.append(upload, body, { offset: 0, maxSize, signal })
  appended.catch(() => undefined)
  if (!body.write(bytes) && signal === undefined) await once(body, 'drain')
  return { body, appended }
}

function abortedSoon(): AbortSignal {
  const controller = new AbortController()
  setImmediate(() => controller.abort(new Error('enough')))
  return controller.signal
}

async function disposable(store: BlobStore): Promise<{ store: BlobStore } & AsyncDisposable> {
  return { store, [Symbol.asyncDispose]: () => store.close() }
}

async function openFilesIn(folder: string): Promise<readonly string[]> {
  const links = await Promise.allSettled(
    (await readdir('/proc/self/fd')).map((descriptor) => readlink(`/proc/self/fd/${descriptor}`)),
  )
  return links
    .flatMap((link) => (link.status === 'fulfilled' ? [link.value] : []))
    .filter((path) => path.startsWith(folder))
}
