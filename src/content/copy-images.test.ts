import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import {
  buildArtifact,
  buildImage,
  buildIndex,
  content,
  type FixtureImage,
} from '../../test/fixtures/build-image.ts'
import { pushImage } from '../../test/fixtures/push-image.ts'
import { type Descriptor, digestHex, digestOf } from '../oci/index.ts'
import { createMemoryStore, type MemoryStore } from '../stores/index.ts'
import { bytesBody } from './body.ts'
import type { Source, Target } from './capabilities.ts'
import type { CopyEvent } from './copy-events.ts'
import { copyImages } from './copy-images.ts'
import { AccessRefusedError, NotFoundError, SparseIndexRefusedError, UnavailableError } from './errors.ts'

const amd64 = buildImage({ layers: [{ 'etc/os-release': 'ID=a' }, { app: 'one' }] })
const arm64 = buildImage({
  platform: { os: 'linux', architecture: 'arm64' },
  layers: [{ 'etc/os-release': 'ID=a' }, { app: 'two' }],
})
const index = buildIndex([amd64, arm64])

async function storeWith(...images: readonly (readonly [FixtureImage, string?])[]): Promise<MemoryStore> {
  const store = createMemoryStore({ display: 'source' })
  for (const [image, name] of images) await pushImage(store, image, name)
  return store
}

/** A target that writes down what it is asked, in order. */
function recorded(store: MemoryStore, overrides: Partial<Target> = {}): Target & { readonly log: string[] } {
  const log: string[] = []
  const target: Target = {
    display: store.display,
    manifestsAreWhole: true,
    resolve: (name, options) => store.resolve(name, options),
    exists: (descriptor, options) => store.exists(descriptor, options),
    push: async (descriptor, body, options) => {
      await store.push(descriptor, body, options)
      log.push(`push ${descriptor.digest}`)
    },
    tag: async (descriptor, name, options) => {
      await store.tag(descriptor, name, options)
      log.push(`tag ${name}`)
    },
    ...overrides,
  }
  return { ...target, log }
}

async function expectWhole(store: MemoryStore, image: FixtureImage): Promise<void> {
  for (const { descriptor, bytes } of image.contents) {
    expect(await buffer(await store.fetch(descriptor))).toEqual(Buffer.from(bytes))
  }
}

describe('copyImages()', () => {
  test('copies an index byte for byte, children before parents', async () => {
    const source = await storeWith([index, 'v1'])
    const store = createMemoryStore()
    const target = recorded(store)
    const report = await copyImages([{ source, name: 'v1', target, as: ['v1', 'latest'] }])

    expect(report.results).toMatchObject([{ ok: true, root: { digest: index.descriptor.digest } }])
    await expectWhole(store, index)
    expect((await store.resolve('latest')).digest).toBe(index.descriptor.digest)
    const position = (descriptor: Descriptor): number => target.log.indexOf(`push ${descriptor.digest}`)
    for (const image of [amd64, arm64]) {
      for (const { descriptor } of image.contents.slice(0, -1)) {
        expect(position(descriptor)).toBeLessThan(position(image.descriptor))
      }
      expect(position(image.descriptor)).toBeLessThan(position(index.descriptor))
    }
    expect(target.log.slice(-2)).toEqual(['tag v1', 'tag latest'])
  })

  test('transfers content that several images share once', async () => {
    const source = await storeWith([amd64, 'a'], [arm64, 'b'])
    const target = recorded(createMemoryStore())
    await copyImages([
      { source, name: 'a', target, as: ['a'] },
      { source, name: 'b', target, as: ['b'] },
    ])
    const pushes = target.log.filter((entry) => entry.startsWith('push'))
    expect(new Set(pushes).size).toBe(pushes.length)
  })

  test('asks a second time only whether the name has the digest', async () => {
    const source = await storeWith([index, 'v1'])
    const store = createMemoryStore()
    await copyImages([{ source, name: 'v1', target: recorded(store), as: ['v1'] }])
    let fetched = 0
    let asked = 0
    const counting: Source = {
      display: 'source',
      resolve: (name) => source.resolve(name),
      fetch: (descriptor) => {
        fetched += 1
        return source.fetch(descriptor)
      },
    }
    const again = recorded(store, {
      exists: (descriptor) => {
        asked += 1
        return store.exists(descriptor)
      },
    })
    const report = await copyImages([{ source: counting, name: 'v1', target: again, as: ['v1'] }], {
      attachments: false,
    })
    expect({ fetched, asked, log: again.log }).toEqual({ fetched: 0, asked: 0, log: [] })
    expect(report.counts.manifests.existed).toBe(1)
  })

  test('asks a target that holds nothing for nothing more', async () => {
    const names = ['a', 'b', 'c', 'd']
    const source = await storeWith(...names.map((name) => [name < 'c' ? amd64 : arm64, name] as const))
    const store = createMemoryStore()
    let asked = 0
    const target = recorded(store, {
      holdsNothing: () => Promise.resolve(true),
      exists: (descriptor) => {
        asked += 1
        return store.exists(descriptor)
      },
    })
    const report = await copyImages(names.map((name) => ({ source, name, target, as: [name] })))
    expect(report.results.every(({ ok }) => ok)).toBe(true)
    expect(asked).toBe(0)
    const blobs = target.log.filter(
      (entry) =>
        entry.startsWith('push') &&
        !entry.includes(amd64.descriptor.digest) &&
        !entry.includes(arm64.descriptor.digest),
    )
    expect(new Set(blobs).size).toBe(blobs.length)
    await expectWhole(store, amd64)
    await expectWhole(store, arm64)
  })

  test('completes what is missing below a manifest that the target has, where it does not keep manifests whole', async () => {
    const source = await storeWith([index, 'v1'])
    const store = createMemoryStore()
    await store.push(index.descriptor, bytesBody(index.bytes))
    await store.tag(index.descriptor, 'v1')
    await copyImages([
      { source, name: 'v1', target: recorded(store, { manifestsAreWhole: false }), as: ['v1'] },
    ])
    await expectWhole(store, index)
  })

  test('forceRecursive looks below manifests that exist', async () => {
    const source = await storeWith([index, 'v1'])
    const store = createMemoryStore()
    await store.push(index.descriptor, bytesBody(index.bytes))
    await store.tag(index.descriptor, 'v1')
    await copyImages([{ source, name: 'v1', target: recorded(store), as: ['v1'] }], { forceRecursive: true })
    await expectWhole(store, index)
  })

  test('keeps the bytes of an index of which some platforms are selected', async () => {
    const source = await storeWith([index, 'v1'])
    const store = createMemoryStore()
    await copyImages([{ source, name: 'v1', target: store, as: ['v1'] }], {
      select: ({ manifests }) => manifests.filter(({ platform }) => platform?.architecture === 'arm64'),
    })
    expect((await store.resolve('v1')).digest).toBe(index.descriptor.digest)
    await expectWhole(store, arm64)
    expect(await store.exists(amd64.descriptor)).toBe(false)
  })

  test('brings referrers of the index and of its platforms, referrers of referrers, and cosign tags', async () => {
    const sbom = buildArtifact({ subject: arm64.descriptor })
    const signature = buildArtifact({ subject: sbom.descriptor, payload: 'signature of the SBOM' })
    const cosign = buildImage({ layers: [{ 'not really': 'a layer' }] })
    const cosignTag = `sha256-${digestHex(index.descriptor.digest)}.sig`
    const source = await storeWith([index, 'v1'], [sbom], [signature], [cosign, cosignTag])
    const store = createMemoryStore()
    const report = await copyImages([{ source, name: 'v1', target: store, as: ['v1'] }])
    expect(report.results).toMatchObject([{ ok: true, attachments: 3 }])
    for (const image of [sbom, signature, cosign]) await expectWhole(store, image)
    expect((await store.resolve(cosignTag)).digest).toBe(cosign.descriptor.digest)
  })

  test('brings attachments that appeared after the image was copied', async () => {
    const source = await storeWith([amd64, 'v1'])
    const store = createMemoryStore()
    const target = recorded(store)
    await copyImages([{ source, name: 'v1', target, as: ['v1'] }])
    const sbom = buildArtifact({ subject: amd64.descriptor })
    await pushImage(source, sbom)
    await copyImages([{ source, name: 'v1', target, as: ['v1'] }])
    await expectWhole(store, sbom)
  })

  test('leaves attachments behind when told to', async () => {
    const sbom = buildArtifact({ subject: amd64.descriptor })
    const source = await storeWith([amd64, 'v1'], [sbom])
    const store = createMemoryStore()
    await copyImages([{ source, name: 'v1', target: store, as: ['v1'] }], { attachments: false })
    expect(await store.exists(sbom.descriptor)).toBe(false)
  })

  test('fails when the attachments could not be listed, and does not say that there are none', async () => {
    const source = await storeWith([amd64, 'v1'])
    const failing: Source = {
      display: 'source',
      resolve: (name) => source.resolve(name),
      fetch: (descriptor) => source.fetch(descriptor),
      referrers: () => Promise.reject(new Error('listing failed')),
    }
    const report = await copyImages([{ source: failing, name: 'v1', target: createMemoryStore(), as: [] }])
    expect(report.results).toMatchObject([{ ok: false, error: { message: 'listing failed' } }])
  })

  test('mounts what a sibling target has before it uploads', async () => {
    const source = await storeWith([amd64, 'v1'])
    const first = createMemoryStore({ display: 'first' })
    const second = createMemoryStore({ display: 'second' })
    const one = recorded(first)
    const mounted: string[] = []
    const two = recorded(second, {
      mayMountFrom: (from) => from === one,
      mount: async (descriptor, from) => {
        mounted.push(`${descriptor.digest} from ${from.display}`)
        await second.push(descriptor, { open: () => first.fetch(descriptor) })
        return true
      },
    })
    const report = await copyImages(
      [
        { source, name: 'v1', target: one, as: ['v1'] },
        { source, name: 'v1', target: two, as: ['v1'] },
      ],
      { imagesAtOnce: 1 },
    )
    expect(report.counts.blobs).toEqual({ copied: 3, mounted: 3, existed: 0, foreign: 0 })
    expect(mounted).toHaveLength(3)
    await expectWhole(second, amd64)
  })

  test('mounts what the source has where it can, without asking for it before', async () => {
    const source = await storeWith([amd64, 'v1'])
    const store = createMemoryStore()
    const asked: string[] = []
    const target = recorded(store, {
      mayMountFrom: (from) => from === source,
      mount: async (descriptor) => {
        await store.push(descriptor, { open: () => source.fetch(descriptor) })
        return true
      },
      exists: (descriptor) => {
        asked.push(descriptor.digest)
        return store.exists(descriptor)
      },
    })
    const handedOn: Source = {
      display: 'x',
      origin: source,
      resolve: source.resolve.bind(source),
      fetch: source.fetch.bind(source),
    }
    const report = await copyImages([{ source: handedOn, name: 'v1', target, as: ['v1'] }])
    expect(report.counts.blobs).toMatchObject({ copied: 0, mounted: 3 })
    expect(asked).toEqual([])
  })

  test('gives an image of the same place a name and moves nothing', async () => {
    const signature = buildArtifact({ subject: index.descriptor })
    const store = await storeWith([index, 'v1'], [signature])
    const place = recorded(store, {
      manifestsAreWhole: true,
      exists: () => Promise.reject(new Error('asked for what is there')),
    })
    const source = Object.assign(place, { fetch: store.fetch.bind(store) })
    const report = await copyImages([{ source, name: 'v1', target: source, as: ['v2', 'v3'] }])
    expect(report.results).toMatchObject([{ ok: true }])
    expect(place.log).toEqual([`push ${index.descriptor.digest}`, 'tag v2', 'tag v3'])
  })

  test.each([
    ['refuses it', new UnavailableError('Cannot push: MANIFEST_BLOB_UNKNOWN', { status: 400 }), true],
    ['lacks what it names', new NotFoundError('Cannot push: unknown'), true],
    ['is not there', new UnavailableError('Cannot push: no answer'), false],
    ['fails', new UnavailableError('Cannot push: broken', { status: 502 }), false],
    ['refuses access', new AccessRefusedError('DENIED', 'Cannot push: no'), false],
  ])('says that an index is sparse where the target %s: %s', async (_, problem, isSparse) => {
    const source = await storeWith([index, 'v1'])
    const store = createMemoryStore()
    const target = recorded(store, { pushAs: () => Promise.reject(problem) })
    const report = await copyImages([{ source, name: 'v1', target, as: ['v1'] }], {
      select: ({ manifests }) => manifests.slice(0, 1),
    })
    const [result] = report.results
    expect(result).toMatchObject(
      isSparse ? { ok: false, error: { cause: problem } } : { ok: false, error: problem },
    )
    expect(result?.ok === false && result.error instanceof SparseIndexRefusedError).toBe(isSparse)
  })

  test('does not call an index sparse of which nothing was left out', async () => {
    const source = await storeWith([index, 'v1'])
    const problem = new NotFoundError('Cannot push: unknown')
    const target = recorded(createMemoryStore(), { pushAs: () => Promise.reject(problem) })
    const report = await copyImages([{ source, name: 'v1', target, as: ['v1'] }], {
      select: ({ manifests }) => manifests,
    })
    expect(report.results).toMatchObject([{ ok: false, error: problem }])
  })

  test('looks for attachments of few entries of an index at a time', async () => {
    const source = await storeWith([index, 'v1'])
    let running = 0
    let most = 0
    const asked = new Set<string>()
    const many: Source = {
      display: 'source',
      resolve: source.resolve.bind(source),
      fetch: source.fetch.bind(source),
      referrers: async (subject) => {
        asked.add(subject)
        most = Math.max(most, (running += 1))
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
        return []
      },
    }
    const entries = Array.from({ length: 100 }, (_, number) => ({
      ...amd64.descriptor,
      digest: digestOf(Buffer.from(String(number))),
    }))
    const target = recorded(await storeWith([index, 'v1']))
    await copyImages([{ source: many, name: 'v1', target, as: ['v1'] }], { select: () => entries })
    expect(asked.size).toBe(101)
    expect(most).toBe(8)
  })

  test('copies an entry that an index has twice once, and refuses indexes nested without end', async () => {
    const twice = buildIndex([amd64, amd64])
    let deep = amd64
    for (let depth = 0; depth < 12; depth += 1) deep = buildIndex([deep])
    const source = await storeWith([twice, 'twice'], [deep, 'deep'])
    const target = recorded(createMemoryStore())
    const report = await copyImages([
      { source, name: 'twice', target, as: ['twice'] },
      { source, name: 'deep', target: createMemoryStore(), as: ['deep'] },
    ])
    expect(report.results).toMatchObject([{ ok: true }, { ok: false, error: { code: 'DAMAGED' } }])
    expect(target.log.filter((line) => line === `push ${amd64.descriptor.digest}`)).toHaveLength(1)
  })

  test('follows attachments that a place lists in a circle once', async () => {
    const source = await storeWith([amd64, 'v1'], [arm64])
    const circle: Source = {
      display: 'source',
      resolve: source.resolve.bind(source),
      fetch: source.fetch.bind(source),
      referrers: () => Promise.resolve([amd64.descriptor, arm64.descriptor, arm64.descriptor]),
    }
    const report = await copyImages([{ source: circle, name: 'v1', target: createMemoryStore(), as: ['v1'] }])
    expect(report.results).toMatchObject([{ ok: true, attachments: 1 }])
  })

  test('does not take data in a descriptor that is other content', async () => {
    const layer = amd64.layers[0] ?? amd64.descriptor
    const lying = { ...layer, data: Buffer.alloc(layer.size) }
    const manifest = content(
      amd64.descriptor.mediaType,
      Buffer.from(
        JSON.stringify({
          ...JSON.parse(Buffer.from(amd64.bytes).toString()),
          layers: [{ ...lying, data: lying.data.toString('base64') }],
        }),
      ),
    )
    const source = await storeWith([amd64])
    await source.push(manifest.descriptor, bytesBody(manifest.bytes))
    await source.tag(manifest.descriptor, 'v1')
    const target = recorded(createMemoryStore())
    const report = await copyImages([{ source, name: 'v1', target, as: ['v1'] }])
    expect(report.results).toMatchObject([{ ok: false, error: { code: 'DAMAGED' } }])
    expect(target.log).not.toContain('tag v1')
  })

  test('uploads where the mount is refused', async () => {
    const source = await storeWith([amd64, 'v1'])
    const store = createMemoryStore()
    const target = recorded(store, { mayMountFrom: () => true, mount: () => Promise.resolve(false) })
    await copyImages([{ source, name: 'v1', target, as: ['v1'] }])
    await expectWhole(store, amd64)
  })

  test('an image that fails does not stop the others, and the report says which and why', async () => {
    const source = await storeWith([amd64, 'good'])
    const store = createMemoryStore()
    const report = await copyImages([
      { source, name: 'missing', target: store, as: ['missing'] },
      { source, name: 'good', target: store, as: ['good'] },
    ])
    expect(report.results).toMatchObject([
      { ok: false, error: { code: 'NOT_FOUND' } },
      { ok: true, root: { digest: amd64.descriptor.digest } },
    ])
    await expectWhole(store, amd64)
  })

  test('names nothing when content is damaged', async () => {
    const source = await storeWith([amd64, 'v1'])
    const [layer] = amd64.layers
    const lying: Source = {
      display: 'lying',
      resolve: (name) => source.resolve(name),
      fetch: (descriptor, options) =>
        descriptor.digest === layer?.digest
          ? bytesBody(Buffer.alloc(descriptor.size)).open(0)
          : source.fetch(descriptor, options),
    }
    const target = recorded(createMemoryStore())
    const report = await copyImages([{ source: lying, name: 'v1', target, as: ['v1'] }])
    expect(report.results[0]).toMatchObject({ ok: false, error: { code: 'DAMAGED' } })
    expect(target.log).not.toContain('tag v1')
    expect(target.log).not.toContain(`push ${amd64.descriptor.digest}`)
  })

  test('leaves foreign layers where they are', async () => {
    const foreign = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: `sha256:${'1'.repeat(64)}`,
      size: 10,
      urls: ['https://elsewhere.example/layer'],
    }
    const manifest: unknown = JSON.parse(Buffer.from(amd64.bytes).toString())
    const bytes = Buffer.from(JSON.stringify(Object.assign({}, manifest, { layers: [foreign] })))
    const source = await storeWith([amd64])
    const root: Descriptor = {
      mediaType: amd64.descriptor.mediaType,
      digest: digestOf(bytes),
      size: bytes.length,
    }
    await source.push(root, bytesBody(bytes))
    const store = createMemoryStore()
    const report = await copyImages([{ source, name: root.digest, target: store, as: ['v1'] }])
    expect(report.results[0]?.ok).toBe(true)
    expect(report.counts.blobs.foreign).toBe(1)
  })

  test('a dry run writes nothing and says what it would copy', async () => {
    const source = await storeWith([index, 'v1'])
    const target = recorded(createMemoryStore())
    const events: CopyEvent[] = []
    const report = await copyImages([{ source, name: 'v1', target, as: ['v1'] }], {
      dryRun: true,
      onEvent: (event) => events.push(event),
    })
    expect(target.log).toEqual([])
    expect(report.counts.manifests.copied).toBe(3)
    expect(events.at(-1)).toMatchObject({
      type: 'tagged',
      descriptor: { digest: index.descriptor.digest },
      name: 'v1',
    })
  })

  test('rejects with the reason when it is aborted', async () => {
    const source = await storeWith([index, 'v1'])
    const controller = new AbortController()
    const reason = new Error('enough')
    const target = recorded(createMemoryStore(), {
      exists: () => {
        controller.abort(reason)
        return Promise.resolve(false)
      },
    })
    await expect(
      copyImages([{ source, name: 'v1', target, as: ['v1'] }], { signal: controller.signal }),
    ).rejects.toBe(reason)
    expect(target.log).not.toContain('tag v1')
  })
})
