import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServe } from '../fixtures/serve-process.ts'
import { ladingPath } from '../interop/run-lading.ts'
import { expectError, expectStatus } from '../protocol/expect-response.ts'
import { type ProtocolClient, protocolClient } from '../protocol/protocol-client.ts'
import { makeImage } from '../protocol/protocol-data.ts'
import { closeUpload, putBlob, sendChunk, startUpload, waysToPush } from '../protocol/push-blob.ts'
import { expectManifest, putManifest } from '../protocol/push-manifest.ts'
import { randomContent } from '../protocol/random-content.ts'
import { becauseOfMounts, canMount, onSmallDisk } from './private-mount.ts'

const mebibyte = 1024 * 1024
const command = [process.execPath, ladingPath]

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-full-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe.skipIf(!canMount)(`on a full disk${becauseOfMounts}`, () => {
  test('pushes are answered with 503, everything is still there, and deletes make room', async () => {
    await using server = await startServe({
      command: [...onSmallDisk(folder, 24), ...command],
      data: join(folder, 'data'),
    })
    const client = protocolClient({ origin: server.origin })
    const image = makeImage()
    await putManifest(client, 'team/app', image, 'v1')
    const uploads = await fill(client)

    expectError(
      await waysToPush['in one POST'](client, 'team/app', randomContent(mebibyte)),
      503,
      'UNAVAILABLE',
    )
    const tagged = await client.ask('/v2/team/app/manifests/v1')
    expectManifest(tagged, image)
    for (const { digest } of image.blobs) expectStatus(await client.ask(`/v2/team/app/blobs/${digest}`), 200)
    expectStatus(await client.ask('/v2/team/app/manifests/v1', { method: 'DELETE' }), 202)
    expectStatus(await client.ask('/v2/team/app/manifests/v1'), 404)

    for (const upload of uploads) expectStatus(await client.ask(upload, { method: 'DELETE' }), 204)
    await putManifest(client, 'team/app', makeImage(), 'v2')
    await putBlob(client, 'team/app', randomContent(mebibyte))
    client.close()
  })
})

describe.skipIf(process.platform === 'win32')('where no file may grow beyond 8 MiB', () => {
  test('an upload is answered with 503 there, and goes on where it was', async () => {
    // POSIX counts blocks of 512 bytes, and so does sh.
    await using server = await startServe({
      command: ['sh', '-c', 'ulimit -f 16384 && exec "$0" "$@"', ...command],
      data: join(folder, 'data'),
    })
    const client = protocolClient({ origin: server.origin })
    const location = await startUpload(client, 'team/app')
    const { bytes, digest } = randomContent(6 * mebibyte)
    expectStatus(await sendChunk(client, location, bytes, 0), 202)
    expectError(await sendChunk(client, location, randomContent(4 * mebibyte).bytes, bytes.length), 503)
    const status = await client.ask(location)
    expectStatus(status, 204)
    const end = Number(/^0-(\d+)$/.exec(String(status.headers['range']))?.[1])
    expect(end).toBeGreaterThanOrEqual(bytes.length - 1)
    // What arrived of the second chunk stays, so the content is another one than that of the first.
    assert.ok(end < 10 * mebibyte)
    expectStatus(await closeUpload(client, location, digest), end === bytes.length - 1 ? 201 : 400)
    await putManifest(client, 'team/app', makeImage(), 'v1')
    client.close()
  })
})

/** Uploads until there is no room, and gives the uploads that hold it. */
async function fill(client: ProtocolClient): Promise<readonly URL[]> {
  const uploads: URL[] = []
  for (const size of [mebibyte, 64 * 1024, 4096]) {
    for (;;) {
      const upload = await startUpload(client, 'team/app')
      uploads.push(upload)
      assert.ok(uploads.length < 200, 'the disk does not get full')
      const { status } = await sendChunk(client, upload, randomContent(size).bytes, 0)
      if (status === 503) break
      assert.equal(status, 202)
    }
  }
  return uploads
}
