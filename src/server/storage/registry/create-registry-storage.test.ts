import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createMemoryBlobs } from '../../../../test/fixtures/memory-blobs.ts'
import { createMemoryRecords } from '../../../../test/fixtures/memory-records.ts'
import { collect } from '../../../../test/fixtures/collect.ts'
import { digestOf, mediaTypes } from '../../../oci/index.ts'
import { parseRepositoryName } from '../../repository-name.ts'
import { createRegistryStorage } from './create-registry-storage.ts'

describe('createRegistryStorage()', () => {
  it('takes an image and gives it back by its tag and its digest', async () => {
    const storage = createRegistryStorage({
      records: createMemoryRecords(),
      blobs: createMemoryBlobs(),
      processId: 'one',
      now: () => 1_700_000_000_000,
      gracePeriodMs: 1000,
    })
    const repository = parseRepositoryName('team/app')
    const config = Buffer.from('{}')
    const { id } = await storage.uploads.start(repository)
    await storage.uploads.append(repository, id, Readable.from([config]), { maxSize: 100 })
    const blob = await storage.uploads.commit(repository, id, digestOf(config))
    expect(Buffer.concat(await collect(await storage.blobs.open(blob)))).toEqual(config)
    const bytes = new TextEncoder().encode(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: { mediaType: mediaTypes.ociEmpty, digest: blob.digest, size: 2 },
        layers: [],
      }),
    )
    const manifest = { digest: digestOf(bytes), mediaType: mediaTypes.ociManifest, bytes }
    expect(await storage.manifests.put(repository, { ...manifest, tags: ['v1'] })).toEqual({
      created: true,
      subject: undefined,
    })
    const stored = { ...manifest, pushedAt: 1_700_000_000_000 }
    expect(await storage.manifests.find(repository, { tag: 'v1' })).toEqual(stored)
    expect(await storage.manifests.find(repository, manifest.digest)).toEqual(stored)
    expect(await storage.tags.list(repository, { limit: 10 })).toEqual(['v1'])
  })
})
