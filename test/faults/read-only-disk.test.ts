import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServe } from '../fixtures/serve-process.ts'
import { ladingPath } from '../interop/run-lading.ts'
import { expectError, expectStatus } from '../protocol/expect-response.ts'
import { protocolClient } from '../protocol/protocol-client.ts'
import { makeImage, type MadeManifest } from '../protocol/protocol-data.ts'
import { waysToPush } from '../protocol/push-blob.ts'
import { expectManifest, putManifest, sendManifest } from '../protocol/push-manifest.ts'
import { randomContent } from '../protocol/random-content.ts'
import { becauseOfMounts, canMount, onReadOnlyDisk } from './private-mount.ts'

const command = [process.execPath, ladingPath]

let folder: string
let data: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-read-only-'))
  data = join(folder, 'data')
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe.skipIf(!canMount)(`on a disk that became read-only${becauseOfMounts}`, () => {
  test('a server that was killed serves what it has, and answers pushes and deletes with 503', async () => {
    const image = await pushBefore('SIGKILL')
    await using server = await startServe({ command: [...onReadOnlyDisk(folder), ...command], data })
    const client = protocolClient({ origin: server.origin })
    expectManifest(await client.ask('/v2/team/app/manifests/v1'), image)
    for (const { digest } of image.blobs) {
      expectStatus(await client.ask(`/v2/team/app/blobs/${digest}`), 200)
    }
    expectError(await waysToPush['in one POST'](client, 'team/app', randomContent(100)), 503, 'UNAVAILABLE')
    expectError(await sendManifest(client, 'team/app', image, 'v2'), 503, 'UNAVAILABLE')
    const tag = '/v2/team/app/manifests/v1'
    expectError(await client.ask(tag, { method: 'DELETE' }), 503, 'UNAVAILABLE')
    expectManifest(await client.ask(tag), image)
    client.close()
  })

  test('a server that was stopped does not start, and says why', async () => {
    await pushBefore('SIGTERM')
    const starting = startServe({ command: [...onReadOnlyDisk(folder), ...command], data })
    await expect(starting).rejects.toThrow(`Cannot open ${join(data, 'records.db')}`)
    const startingAnew = startServe({
      command: [...onReadOnlyDisk(folder), ...command],
      data: join(folder, 'other'),
    })
    await expect(startingAnew).rejects.toThrow('the file system is read-only')
  })
})

async function pushBefore(signal: NodeJS.Signals): Promise<MadeManifest> {
  await using server = await startServe({ command, data })
  const client = protocolClient({ origin: server.origin })
  const image = makeImage()
  await putManifest(client, 'team/app', image, 'v1')
  client.close()
  const ended = once(server.process, 'exit')
  server.process.kill(signal)
  await ended
  return image
}
