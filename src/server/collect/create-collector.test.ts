import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  type AgingRegistry,
  agingTimes,
  createAgingRegistry,
  indexOf,
  manifestOf,
  named,
  pushBlob,
  pushImage,
} from '../../../test/fixtures/aging-registry.ts'
import { digestOf } from '../../oci/index.ts'
import { openStorage } from '../storage/open-storage.ts'
import type { Change } from '../storage/records/record-store.ts'
import { encodeEdge } from '../storage/registry/edge-record.ts'
import { blobKey, manifestKey, useKey } from '../storage/registry/keys.ts'
import { encodeManifest } from '../storage/registry/manifest-record.ts'

import type { CollectOutcome } from './collect-outcome.ts'
import { createCollector } from './create-collector.ts'

const app = named('team/app')
const grace = agingTimes.gracePeriodSeconds
const condemned = agingTimes.condemnedSeconds

/** Long enough for everything that was released to go, one kind after the other. */
async function ageToTheEnd(registry: ReturnType<typeof createAgingRegistry>): Promise<void> {
  for (let round = 0; round < 12; round += 1) await registry.age(grace)
  await registry.age(24 * 3600)
}

describe('a collector', () => {
  it('keeps what a tag names, for as long as it does', async () => {
    const registry = createAgingRegistry()
    const { storage } = registry
    const manifest = await pushImage(storage, app, ['config', 'layer'], ['v1'])
    await ageToTheEnd(registry)
    expect(await storage.manifests.find(app, manifest.digest)).toBeDefined()
    expect(await storage.blobs.find(app, digestOf(Buffer.from('layer')))).toBeDefined()
    expect(registry.blobs.committed.size).toBe(2)
  })

  it('keeps a manifest that was pushed by its digest and never named', async () => {
    const registry = createAgingRegistry()
    const manifest = await pushImage(registry.storage, app, ['config', 'layer'], [])
    await ageToTheEnd(registry)
    expect(await registry.storage.manifests.find(app, manifest.digest)).toBeDefined()
    expect(registry.blobs.committed.size).toBe(2)
  })

  it('keeps the digest that a tag left for the grace period, and removes it with what only it has after that', async () => {
    const registry = createAgingRegistry()
    const { storage } = registry
    const old = await pushImage(storage, app, ['config', 'old layer', 'shared'], ['v1'])
    await registry.age(grace * 5)
    await pushImage(storage, app, ['config', 'new layer', 'shared'], ['v1'])
    await registry.age(grace - 1)
    expect(await storage.manifests.find(app, old.digest)).toBeDefined()
    await ageToTheEnd(registry)
    expect(await storage.manifests.find(app, old.digest)).toBeUndefined()
    const stored = [...registry.blobs.committed.values()].map((bytes) => bytes.toString())
    expect(stored.toSorted()).toEqual(['config', 'new layer', 'shared'])
  })

  it('removes a blob that no manifest came to use, and the repository with it', async () => {
    const registry = createAgingRegistry()
    await pushBlob(registry.storage, app, 'layer')
    await registry.age(grace - 1)
    expect(registry.blobs.committed.size).toBe(1)
    await ageToTheEnd(registry)
    expect(registry.blobs.committed.size).toBe(0)
    expect([...registry.records.snapshot().keys()]).toEqual(['collector/lease'])
  })

  it('lets a blob stay that was looked up, for at least three quarters of the grace period', async () => {
    const registry = createAgingRegistry()
    const digest = await pushBlob(registry.storage, app, 'layer')
    for (let look = 0; look < 10; look += 1) {
      await registry.age(grace * 0.75)
      expect(await registry.storage.blobs.find(app, digest)).toBeDefined()
    }
  })

  it('lets a condemned blob answer as missing, and an upload of it bring it back', async () => {
    const registry = createAgingRegistry()
    const { storage, blobs } = registry
    const digest = await pushBlob(storage, app, 'layer')
    const [key] = blobs.committed.keys()
    await registry.age(grace + 1)
    expect(await storage.blobs.find(app, digest)).toBeUndefined()
    expect(await storage.blobs.mount(named('other'), digest, app)).toBeUndefined()
    await expect(
      storage.manifests.put(app, { ...manifestOf({ blobs: ['layer'] }), tags: [] }),
    ).rejects.toThrow('does not have')
    await pushBlob(storage, app, 'layer')
    expect(await storage.blobs.find(app, digest)).toMatchObject({ key })
    await pushImage(storage, app, ['layer'], ['v1'])
    await ageToTheEnd(registry)
    expect([...blobs.committed.keys()]).toEqual([key])
  })

  it('keeps the bytes as long as one repository has them', async () => {
    const registry = createAgingRegistry()
    const { storage } = registry
    await pushImage(storage, app, ['layer'], ['v1'])
    const other = named('other')
    const digest = digestOf(Buffer.from('layer'))
    await storage.blobs.mount(other, digest, app)
    await storage.manifests.put(other, { ...manifestOf({ blobs: ['layer'] }), tags: ['v1'] })
    await storage.tags.delete(app, 'v1')
    await ageToTheEnd(registry)
    expect(await storage.repositories.list({ limit: 10 })).toEqual([other])
    expect(registry.blobs.committed.size).toBe(1)
    await storage.tags.delete(other, 'v1')
    await ageToTheEnd(registry)
    expect(registry.blobs.committed.size).toBe(0)
  })

  it('takes an index, its manifests and what refers to them one after the other', async () => {
    const registry = createAgingRegistry()
    const { storage } = registry
    const one = await pushImage(storage, app, ['config', 'one'], [])
    const two = await pushImage(storage, app, ['config', 'two'], [])
    const index = indexOf(one, two)
    await storage.manifests.put(app, { ...index, tags: ['v1'] })
    const signature = manifestOf({ blobs: ['config'], subject: index })
    await storage.manifests.put(app, { ...signature, tags: [] })
    await ageToTheEnd(registry)
    expect((await storage.referrers.list(app, index.digest, { limit: 10 })).descriptors).toHaveLength(1)
    expect(registry.blobs.committed.size).toBe(3)
    await storage.tags.delete(app, 'v1')
    await ageToTheEnd(registry)
    expect([...registry.records.snapshot().keys()]).toEqual(['collector/lease'])
    expect(registry.blobs.committed.size).toBe(0)
  })

  it('ends uploads that lie still, with their records, and leaves those alone that grow', async () => {
    const registry = createAgingRegistry()
    const { uploads } = registry.storage
    const left = await uploads.start(app)
    const growing = await uploads.start(app)
    for (let chunk = 0; chunk < 4; chunk += 1) {
      await registry.age(agingTimes.uploadExpirySeconds - 1)
      await uploads.append(app, growing.id, Readable.from([Buffer.from('x')]), { maxSize: 10 })
    }
    expect(await uploads.find(app, left.id)).toBeUndefined()
    expect(await uploads.find(app, growing.id)).toEqual({ id: growing.id, size: 4 })
    await registry.age(agingTimes.uploadExpirySeconds + 1)
    expect(await registry.blobs.listUploads({ before: Infinity, limit: 10 })).toEqual([])
    expect([...registry.records.snapshot().keys()]).toEqual(['collector/lease'])
  })

  it('forgets a finished upload after a while', async () => {
    const registry = createAgingRegistry()
    await pushImage(registry.storage, app, ['layer'], ['v1'])
    await registry.age(agingTimes.uploadExpirySeconds + 1)
    expect([...registry.records.snapshot().keys()].filter((key) => key.startsWith('uploads/'))).toEqual([])
  })

  it('removes files of uploads and blobs that no record names', async () => {
    const registry = createAgingRegistry()
    const { blobs } = registry
    await pushImage(registry.storage, app, ['layer'], ['v1'])
    const upload = await blobs.createUpload()
    await blobs.append(upload, Readable.from([Buffer.from('orphan')]), { offset: 0, maxSize: 10 })
    await blobs.commit(upload, digestOf(Buffer.from('orphan')))
    await blobs.createUpload()
    await registry.age(grace)
    expect(blobs.committed.size).toBe(2)
    await registry.age(grace * 10)
    expect([...blobs.committed.values()].map((bytes) => bytes.toString())).toEqual(['layer'])
    expect(await blobs.listUploads({ before: Infinity, limit: 10 })).toEqual([])
  })

  it('does nothing while another process collects, and takes over from one that is gone', async () => {
    const registry = createAgingRegistry()
    const { collector } = registry.another('second')
    expect((await registry.collector.step()).collected).toBe(true)
    expect((await collector.step()).collected).toBe(false)
    registry.clock.now += 3600_000
    expect((await collector.step()).collected).toBe(true)
    expect((await registry.collector.step()).collected).toBe(false)
  })

  it('says what it removed', async () => {
    const registry = createAgingRegistry()
    await pushBlob(registry.storage, app, 'layer')
    registry.clock.now += (grace + 1) * 1000
    expect(await registry.collector.step()).toMatchObject({ counts: { blobs: 0 }, queue: 1 })
    registry.clock.now += (condemned + 1) * 1000
    expect(await registry.collector.step()).toMatchObject({
      counts: { blobs: 1, contents: 0, repositories: 1 },
    })
    registry.clock.now += (condemned + 1) * 1000
    await registry.collector.step()
    registry.clock.now += (condemned + 1) * 1000
    expect(await registry.collector.step()).toMatchObject({ counts: { contents: 1, bytes: 5 }, queue: 0 })
  })

  it('does a bounded piece of a long queue at a time, and says that there is more', async () => {
    const registry = createAgingRegistry()
    for (let blob = 0; blob < 450; blob += 1) await pushBlob(registry.storage, app, `blob ${blob}`)
    // What was uploaded is held by its repository: the queue has its own entry for each.
    await registry.age(grace + 1)
    registry.clock.now += (condemned + 1) * 1000
    const removed: number[] = []
    for (let more = true; more;) {
      const outcome = await registry.collector.step()
      removed.push(outcome.counts.blobs)
      more = outcome.more
    }
    expect(removed).toEqual([200, 200, 50])
  })

  it('keeps what a damaged record may need, and goes on with the rest', async () => {
    const registry = createAgingRegistry()
    const damaged = await pushBlob(registry.storage, app, 'damaged')
    const unused = await pushBlob(registry.storage, app, 'unused')
    await registry.records.write([{ kind: 'put', key: blobKey(app, damaged), value: Buffer.from('{') }])
    await ageToTheEnd(registry)
    expect(registry.records.snapshot().has(blobKey(app, unused))).toBe(false)
    expect([...registry.blobs.committed.values()].map((bytes) => bytes.toString())).toEqual(['damaged'])
  })

  it('works in rounds until it is stopped, and lets go of its lease then', async () => {
    const { records, blobs, clock } = createAgingRegistry()
    const stepped = Promise.withResolvers<CollectOutcome>()
    const now = (): number => clock.now
    const collector = createCollector({
      records,
      blobs,
      now,
      processId: 'x',
      onStep: (outcome) => stepped.resolve(outcome),
    })
    collector.start()
    collector.start()
    expect(await stepped.promise).toMatchObject({ collected: true, queue: 0 })
    expect([...records.snapshot().keys()]).toEqual(['collector/lease'])
    await collector.stop()
    expect([...records.snapshot().keys()]).toEqual([])
  })

  it('says when a store fails, and goes on with the next round', async () => {
    const { records, blobs } = createAgingRegistry()
    const failed = Promise.withResolvers<unknown>()
    records.crashAfter(0)
    const log = { info: () => undefined, warn: () => undefined, error: failed.resolve }
    const collector = createCollector({ records, blobs, processId: 'x', log })
    collector.start()
    expect(await failed.promise).toHaveProperty('err.message', expect.stringContaining('crashed before'))
    records.crashAfter(undefined)
    expect(await collector.step()).toMatchObject({ collected: true })
    await collector.stop()
  })

  it('collects from files and SQLite', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lading-collect-'))
    let passed = 0
    const now = (): number => Date.now() + passed
    const opened = await openStorage(directory, { now, gracePeriodSeconds: grace })
    try {
      const { storage, records, blobs, processId } = opened
      const collector = createCollector({ records, blobs, now, processId, options: agingTimes })
      await pushImage(storage, app, ['config', 'old'], ['v1'])
      await pushImage(storage, app, ['config', 'new'], ['v1'])
      await storage.uploads.start(app)
      for (let round = 0; round < 12; round += 1) {
        passed += grace * 1000
        while ((await collector.step()).more) continue
      }
      const files = await blobs.list({ limit: 10 })
      expect(files.map(({ size }) => size).toSorted((one, two) => one - two)).toEqual([3, 6])
      expect(await records.listKeys({ prefix: 'uploads/', limit: 1 })).toEqual([])
      expect(await blobs.listUploads({ before: Infinity, limit: 1 })).toEqual([])
      expect(await storage.manifests.find(app, { tag: 'v1' })).toBeDefined()
    } finally {
      await opened.close()
      await rm(directory, { recursive: true, force: true })
    }
  })

  describe('when a client is faster between its look and its step', () => {
    it('keeps a blob that is looked up just before it would be condemned', async () => {
      const { registry, before } = interruptible()
      const digest = await pushBlob(registry.storage, app, 'layer')
      let found: unknown
      before('put', 'blobs/', async () => {
        found = await registry.storage.blobs.find(app, digest)
      })
      await registry.age(grace + 1)
      expect(found).toBeDefined()
      expect(await registry.storage.blobs.find(app, digest)).toBeDefined()
    })

    it('keeps a blob that is uploaded again just before it would be deleted', async () => {
      const { registry, before } = interruptible()
      const digest = await pushBlob(registry.storage, app, 'layer')
      await registry.age(grace + 1)
      before('delete', 'blobs/', () => pushBlob(registry.storage, app, 'layer'))
      await registry.age(condemned + 1)
      await registry.age(condemned + 1)
      expect(await registry.storage.blobs.find(app, digest)).toBeDefined()
    })

    it('keeps a content that is uploaded again just before it would be deleted', async () => {
      const { registry, before } = interruptible()
      const digest = await pushBlob(registry.storage, app, 'layer')
      for (const seconds of [grace, condemned, condemned]) await registry.age(seconds + 1)
      expect(await registry.storage.blobs.find(app, digest)).toBeUndefined()
      before('delete', 'content/', () => pushBlob(registry.storage, app, 'layer'))
      await registry.age(condemned + 1)
      const blob = await registry.storage.blobs.find(app, digest)
      expect(registry.blobs.committed.has(blob?.key ?? '')).toBe(true)
    })

    it('keeps a manifest that is pushed again just before it would be deleted, with its edges', async () => {
      const { registry, before } = interruptible()
      const { storage } = registry
      const { digest } = await pushImage(storage, app, ['layer'], ['v1'])
      await storage.tags.delete(app, 'v1')
      await registry.age(grace + 1)
      before('delete', 'manifests/', () => pushImage(storage, app, ['layer'], ['v1']))
      await registry.age(condemned + 1)
      expect(await storage.manifests.find(app, { tag: 'v1' })).toMatchObject({ digest })
      const keys = [...registry.records.snapshot().keys()]
      expect(keys.filter((key) => /^(?:uses|tagsof)/.test(key))).toHaveLength(2)
    })

    it('takes a sentence back when a manifest came to use the blob, though it did not change it', async () => {
      const { registry, before } = interruptible()
      const digest = await pushBlob(registry.storage, app, 'layer')
      const manifest = manifestOf({ blobs: ['layer'] })
      // As a push writes it that checked the blob when it was young: the blob itself stays as it is.
      before('put', 'blobs/', async () => {
        const value = encodeManifest({ ...manifest, pushedAt: 0, since: 0 })
        const edge = { kind: 'put', key: useKey(app, digest, manifest.digest), value: encodeEdge(0) } as const
        await registry.records.write([edge, { kind: 'put', key: manifestKey(app, manifest.digest), value }])
      })
      await registry.age(grace + 1)
      expect(await registry.storage.blobs.find(app, digest)).toBeDefined()
    })
  })
})

/** A registry, and a place to do something once just before a step of a write. */
function interruptible(): {
  readonly registry: AgingRegistry
  readonly before: (kind: Change['kind'], prefix: string, action: () => Promise<unknown>) => void
} {
  let waiting: ((change: Change) => Promise<unknown> | undefined) | undefined
  const registry = createAgingRegistry({
    async beforeStep(change) {
      await waiting?.(change)
    },
  })
  return {
    registry,
    before(kind, prefix, action) {
      waiting = (change) => {
        if (change.kind !== kind || !change.key.startsWith(prefix)) return undefined
        waiting = undefined
        return action()
      }
    },
  }
}
