import { describe, expect, it } from 'vitest'
import {
  document,
  hour,
  image,
  index,
  openRegistry,
  pushBlob,
  repository,
  type TestDocument,
  type TestRegistry,
} from '../../../../test/fixtures/open-registry.ts'
import { digestOf, mediaTypes } from '../../../oci/index.ts'
import { manifestKey, parseKey, queueKey, tagKey } from './keys.ts'
import { decodeManifest } from './manifest-record.ts'

const app = repository('team/app')
const config = 'config'
const imageA = image(config, ['a'])
const imageB = image(config, ['b'])

function isImmutable(tag: string): boolean {
  return tag.startsWith('v')
}

async function openWithBlobs(options: Parameters<typeof openRegistry>[0] = {}): Promise<TestRegistry> {
  const registry = openRegistry(options)
  for (const blob of [config, 'a', 'b']) await pushBlob(registry.storage, app, blob)
  return registry
}

async function put(registry: TestRegistry, manifest: TestDocument, ...tags: string[]): Promise<unknown> {
  return registry.storage.manifests.put(app, { ...manifest, tags })
}

describe('manifests', () => {
  it('come back with exactly the bytes and the type that they were pushed with', async () => {
    const { storage } = openRegistry()
    for (const [mediaType, text] of [
      ['application/vnd.example.thing+json', ' {\n"a" : 1 }\n\n'],
      ['application/x-binary', '\u0000\n\u00ff\n'],
      ['application/json; charset=utf-8'.split(';')[0] ?? '', '[]'],
      ['application/x-empty', ''],
    ] as const) {
      const bytes = Buffer.from(text, 'latin1')
      const digest = digestOf(bytes, 'sha512')
      await storage.manifests.put(app, { digest, mediaType, bytes, tags: [] })
      const found = await storage.manifests.find(app, digest)
      expect({ mediaType: found?.mediaType, bytes: Buffer.from(found?.bytes ?? []) }).toEqual({
        mediaType,
        bytes,
      })
    }
  })

  it('are found with two reads by a tag and with one by a digest', async () => {
    const reads: string[] = []
    const registry = await openWithBlobs({
      around: (records) => ({
        ...records,
        get(key) {
          reads.push(key)
          return records.get(key)
        },
      }),
    })
    await put(registry, imageA, 'v1')
    reads.length = 0
    await registry.storage.manifests.find(app, { tag: 'v1' })
    expect(reads.splice(0)).toEqual([tagKey(app, 'v1'), manifestKey(app, imageA.digest)])
    await registry.storage.manifests.find(app, imageA.digest)
    expect(reads).toEqual([manifestKey(app, imageA.digest)])
  })

  it('are refused, and not stored, while anything that they name is missing: each is told', async () => {
    const registry = openRegistry()
    const both = index([imageA, imageB])
    await pushBlob(registry.storage, app, config)
    await expect(put(registry, imageA, 'v1')).rejects.toMatchObject({
      code: 'MANIFEST_BLOB_UNKNOWN',
      status: 404,
      detail: [{ digest: digestOf(Buffer.from('a')), mediaType: mediaTypes.ociLayer }],
    })
    await expect(put(registry, both, 'v1')).rejects.toMatchObject({
      detail: [{ digest: imageA.digest }, { digest: imageB.digest }],
    })
    expect(await registry.storage.manifests.find(app, imageA.digest)).toBeUndefined()
    expect(await registry.storage.tags.list(app, { limit: 10 })).toEqual([])
  })

  it('are refused as layers where they are no blobs, and blobs are taken as entries of an index', async () => {
    const registry = await openWithBlobs()
    await put(registry, imageA)
    const asLayer = document({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: digestOf(Buffer.from(config)), size: 6 },
      layers: [{ mediaType: mediaTypes.ociManifest, digest: imageA.digest, size: imageA.bytes.length }],
    })
    await expect(put(registry, asLayer)).rejects.toMatchObject({ detail: [{ digest: imageA.digest }] })
    const cache = document({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [{ mediaType: mediaTypes.ociLayer, digest: digestOf(Buffer.from('a')), size: 1 }],
    })
    expect(await put(registry, cache)).toMatchObject({ created: true })
  })

  it('are refused with another digest than their bytes have', async () => {
    const registry = await openWithBlobs()
    await expect(put(registry, { ...imageA, digest: imageB.digest })).rejects.toMatchObject({
      code: 'DIGEST_INVALID',
    })
  })

  it('say whether they are new, and keep the time of their first push', async () => {
    const registry = await openWithBlobs()
    const pushedAt = registry.clock.time
    expect(await put(registry, imageA)).toEqual({ created: true, subject: undefined })
    registry.clock.time += 5000
    expect(await put(registry, imageA, 'v1')).toEqual({ created: false, subject: undefined })
    expect(await registry.storage.manifests.find(app, imageA.digest)).toMatchObject({ pushedAt })
    expect(await registry.storage.tags.get(app, 'v1')).toEqual({
      digest: imageA.digest,
      mediaType: imageA.mediaType,
      size: imageA.bytes.length,
      pushedAt: pushedAt + 5000,
    })
  })

  it('get each of many tags that are pushed at once', async () => {
    const registry = await openWithBlobs()
    await put(registry, imageA)
    const tags = Array.from({ length: 200 }, (_, number) => `t${number}`)
    await Promise.all(tags.map(async (tag) => put(registry, imageA, tag)))
    const found = await Promise.all(tags.map(async (tag) => registry.storage.tags.get(app, tag)))
    expect(found.map((tag) => tag?.digest)).toEqual(tags.map(() => imageA.digest))
  })

  it('are stored however many are pushed to one tag at once', async () => {
    const registry = await openWithBlobs()
    const images = Array.from({ length: 200 }, (_, number) =>
      image(config, ['a'], { annotations: { number: String(number) } }),
    )
    await Promise.all(images.map(async (each) => put(registry, each, 'latest')))
    const tag = await registry.storage.tags.get(app, 'latest')
    expect(images.map(({ digest }) => digest)).toContain(tag?.digest)
  })

  it('that lose a tag stay, and are looked at when the grace period from then is over', async () => {
    const registry = await openWithBlobs()
    await put(registry, imageA, 'v1')
    registry.clock.time += hour
    await put(registry, imageB, 'v1')
    const { storage, records, clock } = registry
    expect(await storage.manifests.find(app, { tag: 'v1' })).toMatchObject({ digest: imageB.digest })
    const record = await records.get(manifestKey(app, imageA.digest))
    expect(record === undefined ? undefined : decodeManifest(record).since).toBe(clock.time)
    const subject = { kind: 'manifest', repository: app, digest: imageA.digest } as const
    expect(records.snapshot().has(queueKey(clock.time + hour, subject))).toBe(true)
    expect(await storage.manifests.find(app, imageA.digest)).toMatchObject({ digest: imageA.digest })
  })

  it('that are pushed by digest are in no queue', async () => {
    const registry = await openWithBlobs()
    await put(registry, imageA)
    const queued = [...registry.records.snapshot().keys()].filter((key) => key.startsWith('queue/'))
    expect(queued.filter((key) => key.includes(imageA.digest))).toEqual([])
  })

  it('take their tags along, leave no edge, and queue what they named and what refers to them', async () => {
    const registry = await openWithBlobs()
    await put(registry, imageA, 'v1', 'v2')
    await put(registry, imageB, 'v3')
    const subject = { mediaType: imageA.mediaType, digest: imageA.digest, size: imageA.bytes.length }
    const referrer = index([], { subject })
    await put(registry, referrer)
    registry.clock.time += 7
    const { storage, records, clock } = registry
    expect(await storage.manifests.delete(app, imageA.digest)).toBe(true)
    expect(await storage.manifests.delete(app, imageA.digest)).toBe(false)
    expect(await storage.manifests.find(app, { tag: 'v1' })).toBeUndefined()
    expect(await storage.tags.list(app, { limit: 10 })).toEqual(['v3'])
    const keys = [...records.snapshot().keys()].map(parseKey)
    expect(keys.filter((key) => key?.in === 'uses' && key.by === imageA.digest)).toEqual([])
    expect(keys.filter((key) => key?.in === 'tagsof' && key.digest === imageA.digest)).toEqual([])
    const due = clock.time + hour
    for (const each of [
      { kind: 'blob', digest: digestOf(Buffer.from('a')) },
      { kind: 'manifest', digest: referrer.digest },
    ] as const) {
      expect(records.snapshot().has(queueKey(due, { ...each, repository: app }))).toBe(true)
    }
  })

  it('are not deleted while an index of the repository needs them', async () => {
    const registry = await openWithBlobs()
    await put(registry, imageA, 'v1')
    const parent = index([imageA])
    await put(registry, parent)
    await expect(registry.storage.manifests.delete(app, imageA.digest)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      status: 405,
      detail: { usedBy: parent.digest },
    })
    expect(await registry.storage.tags.list(app, { limit: 10 })).toEqual(['v1'])
    expect(await registry.storage.manifests.delete(app, parent.digest)).toBe(true)
    expect(await registry.storage.manifests.delete(app, imageA.digest)).toBe(true)
  })

  it('keep an immutable tag on what it names, and say which that is', async () => {
    const registry = await openWithBlobs()
    const { manifests, tags } = registry.storage
    await manifests.put(app, { ...imageA, tags: ['v1', 'latest'], isImmutable })
    await manifests.put(app, { ...imageA, tags: ['v1'], isImmutable })
    await expect(
      manifests.put(app, { ...imageB, tags: ['latest', 'v1'], isImmutable }),
    ).rejects.toMatchObject({ code: 'DENIED', status: 403, detail: { tag: 'v1', digest: imageA.digest } })
    expect(await manifests.find(app, imageB.digest)).toBeUndefined()
    expect(await tags.get(app, 'latest')).toMatchObject({ digest: imageA.digest })
  })

  it('of one immutable tag at once: one gets it', async () => {
    const registry = await openWithBlobs()
    const outcomes = await Promise.allSettled(
      [imageA, imageB].map((each) =>
        registry.storage.manifests.put(app, { ...each, tags: ['v1'], isImmutable: () => true }),
      ),
    )
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('with very many references are stored, found and deleted', async () => {
    const registry = openRegistry()
    await pushBlob(registry.storage, app, config)
    const entry = image(config, [])
    await put(registry, entry)
    const many = Array.from({ length: 5000 }, (_, place) =>
      index([entry], { annotations: { place: `${place}` } }),
    )
    for (const each of many) await put(registry, each)
    const all = index(many)
    await put(registry, all, 'all')
    expect(await registry.storage.manifests.find(app, { tag: 'all' })).toMatchObject({ digest: all.digest })
    expect(await registry.storage.manifests.delete(app, all.digest)).toBe(true)
  })

  it('are listed in the order of their digests, page by page', async () => {
    const registry = await openWithBlobs()
    await put(registry, imageA)
    await put(registry, imageB)
    const [first, second] = [imageA.digest, imageB.digest].toSorted()
    expect(await registry.storage.manifests.list(app, { limit: 1 })).toEqual([first])
    expect(await registry.storage.manifests.list(app, { limit: 9, after: first })).toEqual([second])
  })
})
