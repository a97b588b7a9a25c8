import { describe, expect, it } from 'vitest'
import { hour, image, openRegistry, pushBlob, repository } from '../../../../test/fixtures/open-registry.ts'
import { digestOf } from '../../../oci/index.ts'
import { decodeBlob, decodeContent, encodeBlob, encodeContent } from './blob-record.ts'
import { blobKey, contentKey } from './keys.ts'

const app = repository('team/app')
const other = repository('team/other')
const secret = repository('secret/app')
const layer = digestOf(Buffer.from('layer'))

describe('blobs', () => {
  it('are found and mounted only through a repository that has them (CVE-2026-35172, CVE-2024-39897)', async () => {
    const { storage } = openRegistry()
    await pushBlob(storage, secret, 'layer')
    expect(await storage.blobs.find(app, layer)).toBeUndefined()
    expect(await storage.blobs.mount(app, layer, other)).toBeUndefined()
    expect(await storage.blobs.mount(app, layer, app)).toBeUndefined()
    expect(await storage.blobs.find(app, layer)).toBeUndefined()
    const document = image('layer', [])
    await expect(storage.manifests.put(app, { ...document, tags: [] })).rejects.toMatchObject({
      code: 'MANIFEST_BLOB_UNKNOWN',
    })
  })

  it('are lost to a repository that deleted them, and stay with others that mounted them', async () => {
    const { storage } = openRegistry()
    await pushBlob(storage, secret, 'layer')
    expect(await storage.blobs.mount(app, layer, secret)).toMatchObject({ digest: layer, size: 5 })
    expect(await storage.blobs.holders(layer, { limit: 10 })).toEqual([secret, app])
    expect(await storage.blobs.delete(secret, layer)).toBe(true)
    expect(await storage.blobs.delete(secret, layer)).toBe(false)
    expect(await storage.blobs.find(secret, layer)).toBeUndefined()
    expect(await storage.blobs.mount(other, layer, secret)).toBeUndefined()
    expect(await storage.blobs.find(app, layer)).toMatchObject({ size: 5 })
    expect(await storage.blobs.holders(layer, { limit: 10 })).toEqual([app])
  })

  it('are not deleted while a manifest of the repository needs them', async () => {
    const { storage } = openRegistry()
    await pushBlob(storage, app, 'layer')
    const document = image('layer', [])
    await storage.manifests.put(app, { ...document, tags: [] })
    await expect(storage.blobs.delete(app, layer)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      status: 405,
      detail: { digest: layer, usedBy: document.digest },
    })
    await storage.manifests.delete(app, document.digest)
    expect(await storage.blobs.delete(app, layer)).toBe(true)
  })

  it('that are condemned answer as missing, and a new upload revives them with the copy that is there', async () => {
    const { storage, records, blobs, clock } = openRegistry()
    const { key } = await pushBlob(storage, app, 'layer')
    await condemn()
    expect(await storage.blobs.find(app, layer)).toBeUndefined()
    expect(await storage.blobs.mount(other, layer, app)).toBeUndefined()
    expect(await storage.blobs.delete(app, layer)).toBe(false)
    const document = image('layer', [])
    await expect(storage.manifests.put(app, { ...document, tags: [] })).rejects.toMatchObject({
      detail: [{ digest: layer }],
    })
    expect(await pushBlob(storage, app, 'layer')).toMatchObject({ key })
    expect(await storage.blobs.find(app, layer)).toMatchObject({ key })
    expect([...blobs.committed.keys()]).toEqual([key])
    const content = await records.get(contentKey(layer))
    expect(content === undefined ? undefined : decodeContent(content).condemned).toBeUndefined()

    async function condemn(): Promise<void> {
      for (const name of [blobKey(app, layer), contentKey(layer)]) {
        const record = await records.get(name)
        if (record === undefined) throw new Error(`${name} is missing`)
        const value = name.startsWith('blobs/')
          ? encodeBlob({ ...decodeBlob(record), condemned: clock.time })
          : encodeContent({ ...decodeContent(record), condemned: clock.time })
        await records.write([{ kind: 'put', key: name, value }])
      }
    }
  })

  it('are stored however many push the same one at once', async () => {
    const { storage } = openRegistry()
    const pushes = Array.from({ length: 200 }, async () => pushBlob(storage, app, 'layer'))
    expect(new Set((await Promise.all(pushes)).map(({ key }) => key)).size).toBe(1)
  })

  it('that are looked up are wanted for another grace period, and written for that once in a while', async () => {
    const { storage, records, clock } = openRegistry()
    await pushBlob(storage, app, 'layer')
    const since = async (): Promise<number | undefined> => {
      const record = await records.get(blobKey(app, layer))
      return record === undefined ? undefined : decodeBlob(record).since
    }
    const pushedAt = clock.time
    clock.time += hour / 4
    const steps = records.stepsDone
    await storage.blobs.find(app, layer)
    expect([await since(), records.stepsDone]).toEqual([pushedAt, steps])
    clock.time += 1
    await storage.blobs.find(app, layer)
    await storage.blobs.find(app, layer)
    expect([await since(), records.stepsDone]).toEqual([clock.time, steps + 1])
  })

  it('are found with one read', async () => {
    const reads: string[] = []
    const { storage } = openRegistry({
      around: (records) => ({
        ...records,
        get(key) {
          reads.push(key)
          return records.get(key)
        },
      }),
    })
    await pushBlob(storage, app, 'layer')
    reads.length = 0
    await storage.blobs.find(app, layer)
    expect(reads).toEqual([blobKey(app, layer)])
  })
})
