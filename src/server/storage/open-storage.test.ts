import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileError } from '../../files/index.ts'
import { digestOf } from '../../oci/index.ts'
import { parseRepositoryName } from '../repository-name.ts'
import type { StoreOperation } from './measure-operations.ts'
import { openStorage } from './open-storage.ts'
import type { RegistryStorage, StoredBlob } from './registry/registry-storage.ts'

const repository = parseRepositoryName('team/app')
const content = Buffer.from('a layer')

let folder: string
let directory: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-storage-'))
  directory = join(folder, 'data')
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('what was stored is there when the directory is opened again', async () => {
  const first = await openStorage(directory)
  const blob = await upload(first.storage)
  await first.close()
  expect(await readdir(directory)).toEqual(
    expect.arrayContaining(['blobs', 'format.json', 'records.db', 'uploads']),
  )
  const second = await openStorage(directory)
  expect(await second.storage.blobs.find(repository, blob.digest)).toEqual(blob)
  expect(await buffer(await second.storage.blobs.open(blob))).toEqual(content)
  await second.close()
})

test('two may have it open at once, also when it is new', async () => {
  const [one, other] = await Promise.all([openStorage(directory), openStorage(directory)])
  const blob = await upload(one.storage)
  expect(await other.storage.blobs.find(repository, blob.digest)).toEqual(blob)
  await Promise.all([one.close(), other.close()])
})

test('every operation of the stores is told of', async () => {
  const told: StoreOperation[] = []
  const opened = await openStorage(directory, {
    onOperation: (operation) => told.push(operation),
  })
  await upload(opened.storage)
  await opened.close()
  const names = new Set(told.map(({ store, operation, ok }) => `${store} ${operation} ${ok}`))
  expect([...names]).toEqual(
    expect.arrayContaining(['blobs createUpload true', 'blobs commit true', 'records write true']),
  )
})

test('a database that is damaged is told as such, and nothing stays open', async () => {
  await (await openStorage(directory)).close()
  await writeFile(join(directory, 'records.db'), 'not a database'.repeat(1000))
  await expect(openStorage(directory)).rejects.toThrow(FileError)
})

test('a file in the way of the blobs is told as such', async () => {
  await (await openStorage(directory)).close()
  await rm(join(directory, 'blobs'), { recursive: true })
  await writeFile(join(directory, 'blobs'), '')
  await expect(openStorage(directory)).rejects.toThrow(FileError)
})

test('a signal that is raised keeps it from being made', async () => {
  await mkdir(folder, { recursive: true })
  const reason = new Error('enough')
  await expect(openStorage(directory, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(await readdir(folder)).toEqual([])
})

async function upload(storage: RegistryStorage): Promise<StoredBlob> {
  const { id } = await storage.uploads.start(repository)
  await storage.uploads.append(repository, id, Readable.from([content]), { maxSize: 100 })
  return storage.uploads.commit(repository, id, digestOf(content))
}

test('blobs without their records are refused, and stay', async () => {
  const first = await openStorage(directory)
  await upload(first.storage)
  await first.close()
  for (const name of await readdir(directory))
    if (name.startsWith('records.db')) await rm(join(directory, name))
  await expect(openStorage(directory)).rejects.toThrow(/records\.db: it is missing, and blobs are there/)
  expect(await readdir(directory)).not.toContain('records.db')
})
