import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RawConnection, rawConnection, type RawResponse } from '../../../test/fixtures/raw-connection.ts'
import { type TemporaryStorage, temporaryStorage } from '../../../test/fixtures/registry-storage.ts'
import { type ProtocolServer, serveProtocol } from '../../../test/fixtures/serve-protocol.ts'
import { type ProtocolClient, protocolClient } from '../../../test/protocol/protocol-client.ts'
import { randomContent } from '../../../test/protocol/random-content.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { ProtocolHandlerOptions } from './protocol-handler.ts'

const manifestType = 'application/vnd.example.thing.v1+json'

let stored: TemporaryStorage
let server: ProtocolServer
let client: ProtocolClient
let connection: RawConnection | undefined

beforeEach(async () => {
  stored = await temporaryStorage()
})

afterEach(async () => {
  connection?.close()
  connection = undefined
  client.close()
  await server.close()
  await stored.close()
})

async function serve(options: Partial<ProtocolHandlerOptions> = {}): Promise<void> {
  server = await serveProtocol({ storage: stored.storage, ...options })
  client = protocolClient(server)
}

async function sendRaw(...pieces: readonly string[]): Promise<RawConnection> {
  connection = await rawConnection(server.port)
  for (const piece of pieces) connection.send(piece)
  return connection
}

function codeOf(response: Pick<RawResponse, 'body'> | undefined): string {
  return String(/"code":"([A-Z_]+)"/.exec(response?.body.toString() ?? '')?.[1])
}

/** Pushes a manifest of so many bytes. */
function putThing(length: number): ReturnType<ProtocolClient['ask']> {
  return client.ask('/v2/app/manifests/x', {
    method: 'PUT',
    headers: { 'content-type': manifestType },
    body: Buffer.from(`{"a":"${'x'.repeat(length - 8)}"}`),
  })
}

function expecting(path: string, length: number): string {
  return `PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\nContent-Type: ${manifestType}\r\nExpect: 100-continue\r\n\r\n`
}

async function startUpload(): Promise<string> {
  const started = await client.ask('/v2/app/blobs/uploads/', { method: 'POST' })
  return String(started.headers.location)
}

describe('bodies are bounded (CVE-2017-11468, CVE-2023-25153)', () => {
  it('refuses a manifest that is declared too large before a byte of it came', async () => {
    await serve({ maxManifestBytes: 1000 })
    const raw = await sendRaw(
      'PUT /v2/app/manifests/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n',
    )
    const response = await raw.receive()
    expect(response).toMatchObject({ status: 413, interim: [] })
    expect(codeOf(response)).toBe('SIZE_INVALID')
  })

  it('stops reading a manifest of unknown length when it is too large', async () => {
    await serve({ maxManifestBytes: 1000 })
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`
    const raw = await sendRaw(
      `PUT /v2/app/manifests/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: ${manifestType}\r\n\r\n`,
      chunk,
    )
    const response = await raw.receive()
    expect(response?.status).toBe(413)
    expect(response?.headers.get('connection')).toBe('close')
  })

  it('takes a manifest of just the bound', async () => {
    await serve({ maxManifestBytes: 1000 })
    expect((await putThing(1000)).status).toBe(201)
    expect((await putThing(1001)).status).toBe(413)
  })

  it('refuses a blob that is declared too large, and the upload goes on', async () => {
    await serve({ maxBlobBytes: 100 })
    const blob = randomContent(101)
    const location = await startUpload()
    for (const response of [
      await client.ask(`/v2/app/blobs/uploads/?digest=${blob.digest}`, { method: 'POST', body: blob.bytes }),
      await client.ask(location, { method: 'PATCH', body: blob.bytes }),
      await client.ask(`${location}?digest=${blob.digest}`, { method: 'PUT', body: blob.bytes }),
    ]) {
      expect(response.status).toBe(413)
      expect(codeOf(response)).toBe('SIZE_INVALID')
    }
    const small = randomContent(100)
    const put = await client.ask(`${location}?digest=${small.digest}`, { method: 'PUT', body: small.bytes })
    expect(put.status).toBe(201)
  })

  it('refuses a streamed blob as soon as it is too large, together with what came before', async () => {
    await serve({ maxBlobBytes: 100 })
    const location = await startUpload()
    const patch = (length: number): ReturnType<ProtocolClient['ask']> =>
      client.ask(location, { method: 'PATCH', body: Buffer.alloc(length), streamed: true })
    expect((await patch(60)).status).toBe(202)
    const refused = await patch(41)
    expect(refused.status).toBe(413)
    expect(codeOf(refused)).toBe('SIZE_INVALID')
    expect((await client.ask(location)).status).toBe(204)
  })

  it('refuses an endless body while it is being sent', async () => {
    await serve({ maxBlobBytes: 64 * 1024 })
    const location = await startUpload()
    const raw = await sendRaw(`PATCH ${location} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const answered = raw.receive()
    const chunk = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`)
    const bound = 1000
    let sent = 0
    // Ends when the server closes the connection: nobody else does.
    while (raw.socket.writable && sent < bound) {
      await new Promise<void>((resolve) => {
        raw.socket.write(chunk, () => resolve())
      })
      sent += 1
    }
    expect((await answered)?.status).toBe(413)
    expect(sent).toBeLessThan(bound)
    await raw.closed()
  })

  it('takes no content coding: what has a digest is what is sent', async () => {
    await serve()
    const blob = randomContent(10)
    const headers = { 'content-encoding': 'gzip', 'content-type': manifestType }
    const location = await startUpload()
    for (const response of [
      await client.ask(`/v2/app/blobs/uploads/?digest=${blob.digest}`, {
        method: 'POST',
        headers,
        body: blob.bytes,
      }),
      await client.ask(location, { method: 'PATCH', headers, body: blob.bytes }),
      await client.ask('/v2/app/manifests/x', { method: 'PUT', headers, body: Buffer.from('{}') }),
    ]) {
      expect(response.status).toBe(415)
      expect(codeOf(response)).toBe('UNSUPPORTED')
    }
  })
})

describe('a repository is bounded', () => {
  it('refuses what it has no room for, and mounts nothing into it', async () => {
    await serve({ maxRepositoryBytes: 1000 })
    const [first, second] = [randomContent(800), randomContent(300)]
    const push = (repository: string, blob: typeof first): ReturnType<ProtocolClient['ask']> =>
      client.ask(`/v2/${repository}/blobs/uploads/?digest=${blob.digest}`, {
        method: 'POST',
        body: blob.bytes,
      })
    expect((await push('app', first)).status).toBe(201)
    const refused = await push('app', second)
    expect(refused.status).toBe(413)
    expect(codeOf(refused)).toBe('DENIED')
    expect((await push('other', second)).status).toBe(201)
    const mount = await client.ask(`/v2/app/blobs/uploads/?mount=${second.digest}&from=other`, {
      method: 'POST',
    })
    expect(mount.status).toBe(202)
    expect((await client.ask(`/v2/app/blobs/${second.digest}`, { method: 'HEAD' })).status).toBe(404)
    const manifest = await putThing(300)
    expect(manifest.status).toBe(413)
    expect(codeOf(manifest)).toBe('DENIED')
  })

  it('holds for uploads that began while there was room, and leaves nothing of what it refuses', async () => {
    await serve({ maxRepositoryBytes: 1000 })
    const uploads = await Promise.all(
      [randomContent(400), randomContent(400), randomContent(400)].map(async ({ digest, bytes }) => {
        const location = await startUpload()
        await client.ask(location, { method: 'PATCH', body: bytes })
        return { location, digest }
      }),
    )
    const finished = await Promise.all(
      uploads.map(({ location, digest }) => client.ask(`${location}?digest=${digest}`, { method: 'PUT' })),
    )
    expect(finished.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 413])
    for (const { location } of uploads) expect((await client.ask(location)).status).toBe(404)
  })

  it('holds for pushes at the same time', async () => {
    await serve({ maxRepositoryBytes: 1000 })
    const pushes = await Promise.all(
      [randomContent(600), randomContent(600), randomContent(600)].map(({ digest, bytes }) =>
        client.ask(`/v2/app/blobs/uploads/?digest=${digest}`, { method: 'POST', body: bytes }),
      ),
    )
    expect(pushes.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 413, 413])
  })

  it('lets a full one be pushed again what it has', async () => {
    await serve({ maxRepositoryBytes: 300 })
    expect((await putThing(300)).status).toBe(201)
    expect((await putThing(300)).status).toBe(201)
    expect((await putThing(301)).status).toBe(413)
  })
})

describe('Expect: 100-continue', () => {
  it('is told to go on where the body is wanted', async () => {
    await serve()
    const raw = await sendRaw(expecting('/v2/app/manifests/x', 2), '{}')
    expect(await raw.receive()).toMatchObject({ status: 201, interim: [100] })
    raw.send('GET /v2/app/manifests/x HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await raw.receive()).toMatchObject({ status: 200, interim: [] })
  })

  it.each([
    ['a chunk that is declared too large', 'Content-Length: 101\r\n', 413],
    ['a chunk out of order', 'Content-Length: 10\r\nContent-Range: 5-14\r\n', 416],
  ])('is answered without for %s', async (_name, headers, status) => {
    await serve({ maxBlobBytes: 100 })
    const raw = await sendRaw(
      `PATCH ${await startUpload()} HTTP/1.1\r\nHost: x\r\n${headers}Expect: 100-continue\r\n\r\n`,
    )
    expect(await raw.receive()).toMatchObject({ status, interim: [] })
  })

  it('is answered without, and the connection closed, where it is not', async () => {
    await serve({
      gate: {
        isOpen: false,
        async identify() {
          throw new ProtocolError('UNAUTHORIZED', 'who are you?')
        },
        refusal: () => new ProtocolError('DENIED', 'no'),
        challengeForMore: () => undefined,
      },
    })
    const raw = await sendRaw(expecting('/v2/app/manifests/x', 2))
    expect(await raw.receive()).toMatchObject({ status: 401, interim: [] })
    await raw.closed()
  })
})

describe('a body that is sent in another way', () => {
  it('is not taken with a transfer coding that would be stored as if it were content', async () => {
    await serve()
    const raw = await sendRaw(
      'PUT /v2/app/manifests/x HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nzz\r\n0\r\n\r\n',
    )
    expect((await raw.receive())?.status).toBe(501)
    expect((await client.ask('/v2/app/manifests/x')).status).toBe(404)
  })

  it('is read without an interim answer from a client of HTTP/1.0', async () => {
    await serve()
    const raw = await sendRaw(
      'PUT /v2/app/manifests/x HTTP/1.0\r\nContent-Type: a/b\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nzz',
    )
    expect(await raw.receive()).toMatchObject({ status: 201, interim: [] })
  })
})

describe('n is bounded (CVE-2023-2253)', () => {
  it.each(['/v2/app/tags/list', '/v2/_catalog'])('asks the store for a bounded page of %s', async (path) => {
    const limits: number[] = []
    const { tags, repositories } = stored.storage
    server = await serveProtocol({
      storage: {
        ...stored.storage,
        tags: {
          ...tags,
          list: (repository, page) => {
            limits.push(page.limit)
            return tags.list(repository, page)
          },
        },
        repositories: {
          ...repositories,
          exists: async () => true,
          list: (page) => {
            limits.push(page.limit)
            return repositories.list(page)
          },
        },
      },
    })
    client = protocolClient(server)
    for (const query of ['', '?n=1', '?n=99999999999999999999', '?n=9007199254740993']) {
      expect((await client.ask(path + query)).status).toBe(200)
    }
    expect(Math.max(...limits)).toBeLessThanOrEqual(10_001)
  })
})
