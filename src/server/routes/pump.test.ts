import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rawConnection } from '../../../test/fixtures/raw-connection.ts'
import { type TemporaryStorage, temporaryStorage } from '../../../test/fixtures/registry-storage.ts'
import { type ProtocolServer, serveProtocol } from '../../../test/fixtures/serve-protocol.ts'
import { protocolClient } from '../../../test/protocol/protocol-client.ts'
import { putBlob } from '../../../test/protocol/push-blob.ts'
import { randomContent } from '../../../test/protocol/random-content.ts'

const blob = randomContent(1000)

let stored: TemporaryStorage
let server: ProtocolServer

beforeEach(async () => {
  stored = await temporaryStorage()
})

afterEach(async () => {
  await server.close()
  await stored.close()
})

describe('a blob that is being sent', () => {
  it.each<[string, () => Readable]>([
    ['ends too early', () => Readable.from([blob.bytes.subarray(0, 400)])],
    [
      'breaks off',
      () =>
        Readable.from(
          (function* () {
            yield blob.bytes.subarray(0, 400)
            throw new Error('the disk is gone')
          })(),
        ),
    ],
  ])('is cut off when what is stored %s', async (_name, open) => {
    await serveBody(open)
    const connection = await rawConnection(server.port)
    connection.send(`GET /v2/app/blobs/${blob.digest} HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(await connection.receive()).toBeUndefined()
    await connection.closed()
    connection.close()
    expect(server.log).toHaveLength(1)
  })

  it('never has more bytes than were promised, which would be taken for the next answer', async () => {
    await serveBody(() => Readable.from([blob.bytes, blob.bytes]))
    const connection = await rawConnection(server.port)
    connection.send(`GET /v2/app/blobs/${blob.digest} HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect((await connection.receive())?.body).toEqual(blob.bytes)
    expect(await connection.receive()).toBeUndefined()
    connection.close()
    expect(server.log).toHaveLength(1)
  })

  it('is let go of when the client goes away', async () => {
    const body = new PassThrough()
    body.write(blob.bytes.subarray(0, 400))
    await serveBody(() => body)
    const connection = await rawConnection(server.port)
    connection.send(`GET /v2/app/blobs/${blob.digest} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await new Promise((resolve) => connection.socket.once('data', resolve))
    connection.close()
    await new Promise((resolve) => body.once('close', resolve))
    await server.settled()
    expect(server.log).toEqual([])
  })
})

/** Serves a blob that comes from elsewhere when it is read. */
async function serveBody(open: () => Readable): Promise<void> {
  const { storage } = stored
  server = await serveProtocol({
    storage: { ...storage, blobs: { ...storage.blobs, open: async () => open() } },
  })
  const client = protocolClient(server)
  await putBlob(client, 'app', blob)
  client.close()
}
