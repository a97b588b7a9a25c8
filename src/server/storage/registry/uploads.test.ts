import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  openRegistry,
  pushBlob,
  repository,
  type TestRegistry,
} from '../../../../test/fixtures/open-registry.ts'
import { digestOf } from '../../../oci/index.ts'
import { uploadKey } from './keys.ts'
import type { RegistryStorage } from './registry-storage.ts'

const app = repository('team/app')
const other = repository('team/other')
const maxSize = 100

async function started({ storage }: TestRegistry, text: string): Promise<string> {
  const { id } = await storage.uploads.start(app)
  await append(storage, id, text)
  return id
}

function append(storage: RegistryStorage, id: string, text: string, offset?: number): Promise<unknown> {
  return storage.uploads.append(app, id, Readable.from([Buffer.from(text)]), { offset, maxSize })
}

function digest(text: string): ReturnType<typeof digestOf> {
  return digestOf(Buffer.from(text))
}

describe('uploads', () => {
  it('grow chunk by chunk and become a blob', async () => {
    const registry = openRegistry()
    const { uploads, blobs } = registry.storage
    const id = await started(registry, 'one')
    expect(await uploads.find(app, id)).toEqual({ id, size: 3 })
    expect(await append(registry.storage, id, 'two', 3)).toEqual({ id, size: 6 })
    expect(await uploads.commit(app, id, digest('onetwo'))).toMatchObject({ size: 6 })
    expect(await blobs.find(app, digest('onetwo'))).toMatchObject({ size: 6 })
    expect(await uploads.find(app, id)).toBeUndefined()
  })

  it('are known only in their repository', async () => {
    const registry = openRegistry()
    const id = await started(registry, 'one')
    const { uploads } = registry.storage
    const unknown = { code: 'BLOB_UPLOAD_UNKNOWN', status: 404 }
    expect(await uploads.find(other, id)).toBeUndefined()
    expect(await uploads.cancel(other, id)).toBe(false)
    await expect(uploads.commit(other, id, digest('one'))).rejects.toMatchObject(unknown)
    await expect(uploads.append(other, id, Readable.from([]), { maxSize })).rejects.toMatchObject(unknown)
    await expect(uploads.commit(app, '../../x', digest('one'))).rejects.toMatchObject(unknown)
    expect(await uploads.find(app, id)).toEqual({ id, size: 3 })
  })

  it('answer a chunk out of order with 416 and where they go on, and stand', async () => {
    const registry = openRegistry()
    const id = await started(registry, 'one')
    await expect(append(registry.storage, id, 'x', 4)).rejects.toMatchObject({
      code: 'BLOB_UPLOAD_INVALID',
      status: 416,
      headers: { Range: '0-2' },
    })
    expect(await registry.storage.uploads.find(app, id)).toEqual({ id, size: 3 })
  })

  it('refuse more than they may have, and stand', async () => {
    const registry = openRegistry()
    const id = await started(registry, 'one')
    await expect(append(registry.storage, id, 'x'.repeat(98))).rejects.toMatchObject({
      code: 'SIZE_INVALID',
      status: 413,
    })
    expect(await registry.storage.uploads.find(app, id)).toEqual({ id, size: 3 })
  })

  it('are gone when their bytes have another digest', async () => {
    const registry = openRegistry()
    const id = await started(registry, 'one')
    await expect(registry.storage.uploads.commit(app, id, digest('two'))).rejects.toMatchObject({
      code: 'DIGEST_INVALID',
      status: 400,
    })
    expect(await registry.storage.uploads.find(app, id)).toBeUndefined()
    expect(registry.records.snapshot().has(uploadKey(app, id))).toBe(false)
    expect(await registry.storage.blobs.find(app, digest('one'))).toBeUndefined()
  })

  it('answer a commit that is repeated as they answered the first, and no other one', async () => {
    const registry = openRegistry()
    const { uploads, blobs } = registry.storage
    const id = await started(registry, 'one')
    const blob = await uploads.commit(app, id, digest('one'))
    expect(await uploads.commit(app, id, digest('one'))).toEqual(blob)
    await expect(uploads.commit(app, id, digest('two'))).rejects.toMatchObject({
      code: 'BLOB_UPLOAD_UNKNOWN',
    })
    await expect(append(registry.storage, id, 'x')).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' })
    expect(await uploads.cancel(app, id)).toBe(false)
    await blobs.delete(app, digest('one'))
    await expect(uploads.commit(app, id, digest('one'))).rejects.toMatchObject({
      code: 'BLOB_UPLOAD_UNKNOWN',
    })
  })

  it('are stored once, however often and wherever the same is pushed', async () => {
    const { storage, blobs } = openRegistry()
    const pushed = await Promise.all([app, app, other].map((to) => pushBlob(storage, to, 'same')))
    expect(new Set(pushed.map(({ key }) => key))).toEqual(new Set(blobs.committed.keys()))
    expect(blobs.committed.size).toBe(1)
  })

  it('are gone when they are cancelled', async () => {
    const registry = openRegistry()
    const id = await started(registry, 'one')
    expect(await registry.storage.uploads.cancel(app, id)).toBe(true)
    expect(await registry.storage.uploads.cancel(app, id)).toBe(false)
    await expect(append(registry.storage, id, 'x')).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' })
    expect(await registry.blobs.listUploads({ before: Infinity, limit: 10 })).toEqual([])
  })

  it('go on in another process, from where they were, and no longer in the first', async () => {
    const registry = openRegistry()
    const id = await started(registry, 'one')
    const second = registry.another('process-2')
    await append(second, id, 'two', 3)
    expect(await registry.storage.uploads.find(app, id)).toEqual({ id, size: 6 })
    expect(await second.uploads.commit(app, id, digest('onetwo'))).toMatchObject({ size: 6 })
    expect(await registry.storage.uploads.commit(app, id, digest('onetwo'))).toMatchObject({ size: 6 })
  })

  it('are committed once, also where the commit is repeated while it is under way', async () => {
    const registry = openRegistry()
    const id = await started(registry, 'one')
    const commit = (): Promise<unknown> => registry.storage.uploads.commit(app, id, digest('one'))
    const [first, second] = await Promise.all([commit(), commit()])
    expect(first).toEqual(second)
    expect(registry.blobs.committed.size).toBe(1)
  })

  it('that two requests of another process take over at once become one', async () => {
    const registry = openRegistry()
    const id = await started(registry, 'one')
    const second = registry.another('process-2')
    const committed = await Promise.all([
      second.uploads.commit(app, id, digest('one')),
      second.uploads.commit(app, id, digest('one')),
    ])
    expect(committed[0]).toEqual(committed[1])
  })

  it('that have begun and lost their bytes are unknown', async () => {
    const registry = openRegistry()
    const id = await started(registry, 'one')
    const [upload] = await registry.blobs.listUploads({ before: Infinity, limit: 1 })
    await registry.blobs.cancel(upload?.key ?? '')
    for (const storage of [registry.storage, registry.another('process-2')]) {
      expect(await storage.uploads.find(app, id)).toBeUndefined()
      await expect(append(storage, id, 'x')).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' })
      await expect(storage.uploads.commit(app, id, digest('one'))).rejects.toMatchObject({
        code: 'BLOB_UPLOAD_UNKNOWN',
      })
    }
  })

  it('end in the reason of the signal', async () => {
    const { storage } = openRegistry()
    const signal = AbortSignal.abort(new Error('the client went away'))
    await expect(storage.uploads.start(app, { signal })).rejects.toThrow('the client went away')
    const { id } = await storage.uploads.start(app)
    await expect(storage.uploads.commit(app, id, digest(''), { signal })).rejects.toThrow(
      'the client went away',
    )
  })
})
