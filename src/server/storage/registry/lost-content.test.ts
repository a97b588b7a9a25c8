import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { collect } from '../../../../test/fixtures/collect.ts'
import { createMemoryBlobs } from '../../../../test/fixtures/memory-blobs.ts'
import { createMemoryRecords } from '../../../../test/fixtures/memory-records.ts'
import { digestOf } from '../../../oci/index.ts'
import { parseRepositoryName, type RepositoryName } from '../../repository-name.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import { createRegistryStorage } from './create-registry-storage.ts'
import type { RegistryStorage, StoredBlob } from './registry-storage.ts'

const bytes = Buffer.from('a layer')
const digest = digestOf(bytes)
const [one, other] = [parseRepositoryName('one'), parseRepositoryName('other')]

function storageOver(blobs: BlobStore): RegistryStorage {
  return createRegistryStorage({
    records: createMemoryRecords(),
    blobs,
    processId: 'one',
    now: () => 1_700_000_000_000,
    gracePeriodMs: 1000,
  })
}

async function push(storage: RegistryStorage, repository: RepositoryName): Promise<StoredBlob> {
  const { id } = await storage.uploads.start(repository)
  await storage.uploads.append(repository, id, Readable.from([bytes]), { maxSize: 100 })
  return storage.uploads.commit(repository, id, digest)
}

test.each([
  ['gone', (committed: Map<string, Buffer>, key: string) => committed.delete(key)],
  ['cut short', (committed: Map<string, Buffer>, key: string) => committed.set(key, bytes.subarray(1))],
])('a push of content whose stored copy is %s brings it back for every repository', async (_, damage) => {
  const blobs = createMemoryBlobs()

  const storage = storageOver(blobs)
  const first = await push(storage, one)
  await storage.blobs.mount(other, digest, one)
  expect(await storage.blobs.isStored(first)).toBe(true)
  damage(blobs.committed, first.key)
  expect(await storage.blobs.isStored(first)).toBe(false)
  await push(storage, one)
  for (const repository of [one, other]) {
    const blob = await storage.blobs.find(repository, digest)
    if (blob === undefined) throw new Error('the blob is not there')
    expect(await storage.blobs.isStored(blob)).toBe(true)
    expect(Buffer.concat(await collect(await storage.blobs.open(blob)))).toEqual(bytes)
  }
})

test('a push of content that is stored whole keeps the stored copy', async () => {
  const blobs = createMemoryBlobs()
  const storage = storageOver(blobs)
  const first = await push(storage, one)
  expect((await push(storage, other)).key).toBe(first.key)
  expect([...blobs.committed.keys()]).toEqual([first.key])
})
