import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { bytesBody, DamagedContentError, NotFoundError } from '../../content/index.ts'
import { buildArtifact, buildImage, content } from '../../../test/fixtures/build-image.ts'
import { pushImage } from '../../../test/fixtures/push-image.ts'
import { collect } from '../../../test/fixtures/collect.ts'
import { createMemoryStore } from './memory-store.ts'

const image = buildImage()

describe('createMemoryStore()', () => {
  test('gives back every byte by descriptor, and the image by tag and by digest', async () => {
    const store = createMemoryStore()
    await pushImage(store, image, 'v1')
    for (const { descriptor, bytes } of image.contents) {
      expect(await buffer(await store.fetch(descriptor))).toEqual(Buffer.from(bytes))
    }
    expect(await store.resolve('v1')).toMatchObject({ digest: image.descriptor.digest })
    expect(await store.resolve(image.descriptor.digest)).toMatchObject({ size: image.descriptor.size })
  })

  test('gives ranges with both ends included', async () => {
    const store = createMemoryStore()
    const text = content('text/plain', Buffer.from('bill of lading'))
    await store.push(text.descriptor, bytesBody(text.bytes))
    const part = await store.fetch(text.descriptor, { range: { start: 5, end: 6 } })
    expect((await buffer(part)).toString()).toBe('of')
    const rest = await store.fetch(text.descriptor, { range: { start: 8 } })
    expect((await buffer(rest)).toString()).toBe('lading')
  })

  test('stores nothing of a body that is not what its descriptor says', async () => {
    const store = createMemoryStore()
    const pushing = store.push(image.descriptor, bytesBody(Buffer.from('other')))
    await expect(pushing).rejects.toThrow(DamagedContentError)
    expect(await store.exists(image.descriptor)).toBe(false)
  })

  test('lists the names there are when one is missing', async () => {
    const store = createMemoryStore({ display: 'here' })
    await pushImage(store, image, 'v1')
    await expect(store.resolve('v2')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Cannot find "v2" in here: there is no image of that name',
      hint: 'There are: v1.',
    })
  })

  test('lists referrers by subject, filtered by artifact type', async () => {
    const store = createMemoryStore()
    await pushImage(store, image)
    const sbom = buildArtifact({ subject: image.descriptor, annotations: { by: 'test' } })
    await pushImage(store, sbom)
    expect(await store.referrers(image.descriptor.digest)).toEqual([
      { ...sbom.descriptor, artifactType: 'application/vnd.example.sbom', annotations: { by: 'test' } },
    ])
    expect(await store.referrers(image.descriptor.digest, { artifactType: 'other' })).toEqual([])
  })

  test('untags, and deletes content with every tag on it', async () => {
    const store = createMemoryStore()
    await pushImage(store, image, 'v1')
    await store.tag(image.descriptor, 'v2')
    await store.untag('v1')
    expect(await collect(store.tags())).toEqual(['v2'])
    await store.delete(image.descriptor)
    expect(await collect(store.tags())).toEqual([])
    await expect(store.fetch(image.descriptor)).rejects.toThrow(NotFoundError)
  })

  test('rejects with the reason of its signal', async () => {
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    const store = createMemoryStore()
    await expect(store.resolve('v1', { signal })).rejects.toBe(reason)
    await expect(store.push(image.descriptor, bytesBody(image.bytes), { signal })).rejects.toBe(reason)
  })
})
