import { readdir, truncate, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RawConnection, rawConnection } from '../../../test/fixtures/raw-connection.ts'
import { type TemporaryStorage, temporaryStorage } from '../../../test/fixtures/registry-storage.ts'
import { type ProtocolServer, serveProtocol } from '../../../test/fixtures/serve-protocol.ts'
import { type ProtocolClient, protocolClient } from '../../../test/protocol/protocol-client.ts'
import { putBlob } from '../../../test/protocol/push-blob.ts'
import { randomContent } from '../../../test/protocol/random-content.ts'
import { parseRepositoryName } from '../repository-name.ts'
import type { RegistryStorage } from '../storage/registry/registry-storage.ts'

let stored: TemporaryStorage
let server: ProtocolServer
let client: ProtocolClient
let raw: RawConnection

beforeEach(async () => {
  stored = await temporaryStorage()
  await serve(stored.storage)
})

afterEach(async () => {
  raw.close()
  client.close()
  await server.close()
  await stored.close()
})

async function serve(storage: RegistryStorage): Promise<void> {
  server = await serveProtocol({ storage })
  client = protocolClient(server)
  raw = await rawConnection(server.port)
}

const unknownUpload = '/v2/app/blobs/uploads/0b671a64-40d5-491e-99b0-da01ff1f3341'

describe('a connection after a body that nobody wanted', () => {
  it('is used again when the body was small', async () => {
    raw.send(`PATCH ${unknownUpload} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n`)
    raw.send('bytes')
    const refused = await raw.receive()
    expect(refused?.status).toBe(404)
    expect(refused?.headers.get('connection')).not.toBe('close')
    raw.send('GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await raw.receive())?.status).toBe(200)
  })

  it('is closed when the body is large, and the client can read the answer', async () => {
    raw.send(`PATCH ${unknownUpload} HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n`)
    raw.send(Buffer.alloc(100_000))
    const refused = await raw.receive()
    expect(refused?.status).toBe(404)
    expect(refused?.headers.get('connection')).toBe('close')
    raw.send(Buffer.alloc(7_900_000))
    await raw.closed()
  })

  it.each(['GET', 'HEAD', 'DELETE'])(
    'takes the body of a %s for a body and not for the next request',
    async (method) => {
      const blob = randomContent(10)
      await putBlob(client, 'app', blob)
      const hidden = 'GET /v2/hidden HTTP/1.1\r\nHost: x\r\n\r\n'
      raw.send(
        `${method} /v2/app/blobs/${blob.digest} HTTP/1.1\r\nHost: x\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      )
      expect((await raw.receive({ toHead: method === 'HEAD' }))?.status).toBe(method === 'DELETE' ? 202 : 200)
      raw.send('GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n')
      const next = await raw.receive()
      expect(next === undefined || next.status === 200).toBe(true)
    },
  )
})

describe('an upload whose client goes away', () => {
  it('keeps what came, and goes on from there', async () => {
    const started = await client.ask('/v2/app/blobs/uploads/', { method: 'POST' })
    const location = String(started.headers.location)
    const { digest, bytes } = randomContent(8_000_000)
    raw.send(`PATCH ${location} HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n`)
    raw.send(bytes.subarray(0, 4_000_000))
    for (let asked = 0; asked < 10_000 && (await received(location)) === 0;) asked += 1
    raw.close()
    await server.settled()
    const start = await received(location)
    expect(start).toBeGreaterThan(0)
    const rest = await client.ask(location, {
      method: 'PATCH',
      headers: { 'content-range': `${start}-7999999` },
      body: bytes.subarray(start),
    })
    expect(rest.status).toBe(202)
    expect((await client.ask(`${location}?digest=${digest}`, { method: 'PUT' })).status).toBe(201)
    expect(server.log).toEqual([])
  })

  it('leaves nothing of a blob that was sent in one request', async () => {
    const { digest, bytes } = randomContent(1000)
    const ids: string[] = []
    const { uploads } = stored.storage
    client.close()
    raw.close()
    await server.close()
    await serve({
      ...stored.storage,
      uploads: {
        ...uploads,
        start: async (repository, options) => {
          const upload = await uploads.start(repository, options)
          ids.push(upload.id)
          return upload
        },
      },
    })
    raw.send(
      `POST /v2/app/blobs/uploads/?digest=${digest} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`,
    )
    raw.socket.end(bytes.subarray(0, 400))
    await raw.closed()
    await server.settled()
    expect(ids).toHaveLength(1)
    for (const id of ids) expect((await client.ask(`/v2/app/blobs/uploads/${id}`)).status).toBe(404)
  })
})

describe('a commit that is sent again because its answer was lost', () => {
  it('is answered as the first one', async () => {
    const { digest, bytes } = randomContent(100)
    const location = String((await client.ask('/v2/app/blobs/uploads/', { method: 'POST' })).headers.location)
    for (const body of [bytes, bytes]) {
      const put = await client.ask(`${location}?digest=${digest}`, { method: 'PUT', body })
      expect(put).toMatchObject({ status: 201, headers: { location: `/v2/app/blobs/${digest}` } })
    }
  })
})

describe('a blob that is damaged where it is stored', () => {
  it('is never given as if it were whole', async () => {
    const blob = randomContent(300_000)
    await putBlob(client, 'app', blob)
    for (const file of await blobFiles()) await truncate(file, 100_000)
    raw.send(`GET /v2/app/blobs/${blob.digest} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const response = await raw.receive()
    expect(response === undefined || response.status === 500).toBe(true)
    expect(server.log).toHaveLength(1)
  })

  it('is missing to HEAD, and logged, so that a push brings it again', async () => {
    const blob = randomContent(1000)
    await putBlob(client, 'app', blob)
    for (const file of await blobFiles()) await truncate(file, 999)
    const path = `/v2/app/blobs/${blob.digest}`
    expect((await client.ask(path, { method: 'HEAD' })).status).toBe(404)
    expect(server.log).toHaveLength(1)
    await putBlob(client, 'app', blob)
    expect((await client.ask(path, { method: 'HEAD' })).status).toBe(200)
    expect((await client.ask(path)).body).toEqual(blob.bytes)
  })

  it('is not mounted, so that it is pushed again', async () => {
    const blob = randomContent(1000)
    await putBlob(client, 'app', blob)
    for (const file of await blobFiles()) await unlink(file)
    for (const query of [`mount=${blob.digest}&from=app`, `mount=${blob.digest}`]) {
      for (const repository of ['other', 'app']) {
        const path = `/v2/${repository}/blobs/uploads/?${query}`
        expect((await client.ask(path, { method: 'POST' })).status).toBe(202)
      }
    }
    await putBlob(client, 'other', blob)
    expect((await client.ask(`/v2/app/blobs/${blob.digest}`)).body).toEqual(blob.bytes)
  })

  it('is the fault of the server when it is gone, and the answer does not say where it was', async () => {
    const blob = randomContent(1000)
    await putBlob(client, 'app', blob)
    for (const file of await blobFiles()) await unlink(file)
    const response = await client.ask(`/v2/app/blobs/${blob.digest}`)
    expect(response.status).toBe(500)
    expect(response.body.toString()).not.toContain(stored.directory)
    expect(response.body.toString()).toMatch(
      /^\{"errors":\[\{"code":"UNKNOWN","message":"[^"]+","detail":\{"request":"request-\d+"\}\}\]\}$/,
    )
    expect(server.log).toHaveLength(1)
  })
})

describe('a blob that is deleted while it is asked for', () => {
  it('is not there, and nobody is at fault', async () => {
    const blob = randomContent(1000)
    await putBlob(client, 'app', blob)
    client.close()
    raw.close()
    await server.close()
    const { blobs } = stored.storage
    await serve({
      ...stored.storage,
      blobs: {
        ...blobs,
        open: async (found, options) => {
          await blobs.delete(parseRepositoryName('app'), found.digest)
          for (const file of await blobFiles()) await unlink(file)
          return blobs.open(found, options)
        },
      },
    })
    expect((await client.ask(`/v2/app/blobs/${blob.digest}`)).status).toBe(404)
    expect(server.log).toEqual([])
  })
})

describe('what nobody foresaw', () => {
  it('is answered with 500 without its text, and logged with its cause', async () => {
    client.close()
    raw.close()
    await server.close()
    await serve({
      ...stored.storage,
      manifests: {
        ...stored.storage.manifests,
        async find() {
          throw new Error('ENOENT: /secret/place', { cause: new Error('deeper') })
        },
      },
    })
    raw.send('GET /v2/app/manifests/x HTTP/1.1\r\nHost: x\r\n\r\n')
    const response = await raw.receive()
    expect(response?.status).toBe(500)
    expect(response?.body.toString()).not.toMatch(/secret|ENOENT|deeper/)
    expect(JSON.stringify(server.log)).toContain('/secret/place')
    raw.send('GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await raw.receive())?.status).toBe(200)
  })
})

/** How many bytes an upload has. */
async function received(location: string): Promise<number> {
  const state = await client.ask(location)
  const last = Number(/^0-(\d+)$/.exec(String(state.headers.range))?.[1])
  return last === 0 ? 0 : last + 1
}

async function blobFiles(): Promise<readonly string[]> {
  const entries = await readdir(stored.directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
