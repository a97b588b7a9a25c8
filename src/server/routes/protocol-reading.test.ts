import { createServer } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TemporaryStorage, temporaryStorage } from '../../../test/fixtures/registry-storage.ts'
import { type ProtocolServer, serveProtocol } from '../../../test/fixtures/serve-protocol.ts'
import {
  type ProtocolClient,
  protocolClient,
  type ProtocolResponse,
} from '../../../test/protocol/protocol-client.ts'
import { textsOf } from '../../../test/protocol/expect-response.ts'
import { makeArtifact, makeImage, types } from '../../../test/protocol/protocol-data.ts'
import { putBlob } from '../../../test/protocol/push-blob.ts'
import { putContents, putManifest } from '../../../test/protocol/push-manifest.ts'
import { randomContent } from '../../../test/protocol/random-content.ts'
import type { Gate, Identity } from '../auth/gate.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { ProtocolHandlerOptions } from './protocol-handler.ts'

let stored: TemporaryStorage
let server: ProtocolServer
let client: ProtocolClient

beforeEach(async () => {
  stored = await temporaryStorage()
  await serve()
})

afterEach(async () => {
  client.close()
  await server.close()
  await stored.close()
})

async function serve(options: Partial<ProtocolHandlerOptions> = {}): Promise<void> {
  server = await serveProtocol({ storage: stored.storage, ...options })
  client = protocolClient(server)
}

/** The same storage behind other options. */
async function serveAgain(options: Partial<ProtocolHandlerOptions>): Promise<void> {
  client.close()
  await server.close()
  await serve(options)
}

describe('conditional and partial reads', () => {
  it('answers 304 without a body to who has the content', async () => {
    const made = makeImage()
    await putManifest(client, 'app', made, 'latest')
    const [blob] = made.blobs
    for (const [path, digest] of [
      ['/v2/app/manifests/latest', made.digest],
      [`/v2/app/blobs/${blob?.digest}`, blob?.digest],
    ] as const) {
      const first = await client.ask(path)
      expect(first.headers.etag).toBe(`"${digest}"`)
      for (const method of ['GET', 'HEAD']) {
        const again = await client.ask(path, { method, headers: { 'if-none-match': `"other", "${digest}"` } })
        expect(again).toMatchObject({ status: 304, body: Buffer.alloc(0) })
        expect(again.headers['docker-content-digest']).toBe(digest)
      }
      expect((await client.ask(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    }
  })

  it('gives a range only of the content that If-Range names', async () => {
    const blob = randomContent(100)
    await putBlob(client, 'app', blob)
    const path = `/v2/app/blobs/${blob.digest}`
    const read = (condition: string): Promise<ProtocolResponse> =>
      client.ask(path, { headers: { range: 'bytes=50-', 'if-range': condition } })
    expect(await read(`"${blob.digest}"`)).toMatchObject({ status: 206, body: blob.bytes.subarray(50) })
    expect(await read('"other"')).toMatchObject({ status: 200, body: blob.bytes })
    expect(await read('Wed, 21 Oct 2026 07:28:00 GMT')).toMatchObject({ status: 200, body: blob.bytes })
  })

  it('gives the whole content where several ranges are asked for, and to HEAD its whole length', async () => {
    const blob = randomContent(100)
    await putBlob(client, 'app', blob)
    const path = `/v2/app/blobs/${blob.digest}`
    expect(await client.ask(path, { headers: { range: 'bytes=0-1,5-6' } })).toMatchObject({
      status: 200,
      body: blob.bytes,
    })
    const head = await client.ask(path, { method: 'HEAD', headers: { range: 'bytes=0-1' } })
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '100' } })
  })
})

describe('content that somebody pushed', () => {
  it('is no page for a browser, whatever media type it has', async () => {
    const body = Buffer.from('<script>alert(1)</script>')
    const headers = { 'content-type': 'text/html' }
    expect((await client.ask('/v2/app/manifests/x', { method: 'PUT', headers, body })).status).toBe(201)
    const blob = { ...randomContent(10) }
    await putBlob(client, 'app', blob)
    for (const path of ['/v2/app/manifests/x', `/v2/app/blobs/${blob.digest}`, '/v2/nothing']) {
      const read = await client.ask(path)
      expect(read.headers['x-content-type-options']).toBe('nosniff')
      expect(read.headers['content-security-policy']).toContain('sandbox')
    }
    expect((await client.ask('/v2/app/manifests/x')).headers['content-type']).toBe('text/html')
    expect((await client.ask(`/v2/app/blobs/${blob.digest}`)).headers['content-type']).toBe(
      'application/octet-stream',
    )
  })

  it('is given as it was pushed, whatever Accept says', async () => {
    const made = makeImage()
    await putManifest(client, 'app', made, 'latest')
    for (const accept of [
      'text/html',
      types.dockerImage,
      'application/vnd.docker.distribution.manifest.v1+json',
    ]) {
      const read = await client.ask('/v2/app/manifests/latest', { headers: { accept } })
      expect(read).toMatchObject({ status: 200, headers: { 'content-type': made.mediaType } })
      expect(read.body.equals(made.bytes)).toBe(true)
    }
  })

  it.each(['text/html\u00e9', 'no-slash', 'a/b/c', `a/${'b'.repeat(300)}`])(
    'has a media type, which %j is not',
    async (mediaType) => {
      const headers = { 'content-type': mediaType }
      const put = await client.ask('/v2/app/manifests/x', { method: 'PUT', headers, body: Buffer.from('{}') })
      expect(put.status).toBe(400)
    },
  )

  it('is never fetched from where its manifest says it is (CVE-2026-33540)', async () => {
    let connections = 0
    const elsewhere = createServer((socket) => {
      connections += 1
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    const address = elsewhere.address()
    const port = address === null || typeof address === 'string' ? 0 : address.port
    const urls = [`http://127.0.0.1:${port}/layer`]
    const foreign = { mediaType: types.foreignLayer, digest: randomContent(16).digest, size: 5, urls }
    const made = makeImage({ layers: 0, fields: { layers: [foreign] } })
    await putManifest(client, 'app', made, 'latest')
    expect((await client.ask(`/v2/app/blobs/${foreign.digest}`)).status).toBe(404)
    expect((await client.ask('/v2/app/manifests/latest')).status).toBe(200)
    elsewhere.close()
    await once(elsewhere, 'close')
    expect(connections).toBe(0)
  })
})

describe('who may do what', () => {
  it('mounts only what the caller may pull, and says the same where there is nothing', async () => {
    const [open, hidden] = [randomContent(10), randomContent(10)]
    await putBlob(client, 'open', open)
    await putBlob(client, 'hidden', hidden)
    await serveAgain({ gate: gateOf((action, name) => action === 'push' || name === 'open') })
    const mount = (digest: string, from?: string): Promise<ProtocolResponse> =>
      client.ask(`/v2/app/blobs/uploads/?mount=${digest}${from === undefined ? '' : `&from=${from}`}`, {
        method: 'POST',
      })
    expect((await mount(open.digest, 'open')).status).toBe(201)
    for (const refused of [
      await mount(hidden.digest, 'hidden'),
      await mount(hidden.digest),
      await mount(randomContent(5).digest, 'hidden'),
    ]) {
      expect(refused.status).toBe(202)
      expect(Object.keys(refused.headers)).toEqual(
        Object.keys((await mount(randomContent(5).digest)).headers),
      )
    }
    await serveAgain({})
    expect((await client.ask(`/v2/app/blobs/${hidden.digest}`, { method: 'HEAD' })).status).toBe(404)
  })

  it('names in the catalogue only what the caller may list, page by page', async () => {
    const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    for (const name of all) await putBlob(client, name, randomContent(5))
    const visible = new Set(['b', 'e', 'f'])
    await serveAgain({ gate: gateOf((_action, name) => visible.has(name)) })
    const found: string[] = []
    let next: string | undefined = '/v2/_catalog?n=1'
    while (next !== undefined) {
      const page = await client.ask(next)
      const names = textsOf(page, 'repositories')
      expect(names).toHaveLength(1)
      found.push(...names)
      const link = String(page.headers.link ?? '')
      for (const name of names)
        expect(link.includes(`last=${name}>`)).toBe(link !== '' && names.includes(name))
      next = /^<([^>]+)>/.exec(link)?.[1]
    }
    expect(found).toEqual([...visible])
  })

  it('keeps a tag that is immutable with its digest, and lets nothing past it', async () => {
    await serveAgain({ isImmutable: (repository, tag) => repository === 'app' && tag.startsWith('v') })
    const [first, second] = [makeImage(), makeImage()]
    await putManifest(client, 'app', first, 'v1')
    await putManifest(client, 'app', first, 'v1')
    await putContents(client, 'app', second)
    const put = (reference: string): Promise<ProtocolResponse> =>
      client.ask(`/v2/app/manifests/${reference}`, {
        method: 'PUT',
        headers: { 'content-type': second.mediaType },
        body: second.bytes,
      })
    for (const refused of [await put('v1'), await put(`${second.digest}?tag=latest&tag=v1`)]) {
      expect(refused.status).toBe(403)
      expect(refused.body.toString()).toContain('DENIED')
    }
    expect((await client.ask('/v2/app/manifests/v1')).headers['docker-content-digest']).toBe(first.digest)
    expect((await client.ask('/v2/app/manifests/latest')).status).toBe(404)
    expect((await put('latest')).status).toBe(201)
  })

  it.each(['latest', 'v1'])(
    'keeps %s as it keeps any tag that is immutable (CVE-2026-31801)',
    async (tag) => {
      await serveAgain({ isImmutable: () => true })
      const [first, second] = [makeImage(), makeImage()]
      await putManifest(client, 'app', first, tag)
      await putContents(client, 'app', second)
      const put = await client.ask(`/v2/app/manifests/${tag}`, {
        method: 'PUT',
        headers: { 'content-type': second.mediaType },
        body: second.bytes,
      })
      expect(put.status).toBe(403)
      const kept = await client.ask(`/v2/app/manifests/${tag}`)
      expect(kept.headers['docker-content-digest']).toBe(first.digest)
    },
  )

  it('serves no catalogue where it is turned off', async () => {
    await serveAgain({ catalog: false })
    expect((await client.ask('/v2/_catalog')).status).toBe(404)
  })
})

describe('pages of referrers', () => {
  it('lead through all of them by Link, and keep the filter', async () => {
    const subject = makeImage()
    const { referrers } = stored.storage
    await serveAgain({
      storage: {
        ...stored.storage,
        // A store may end a page early.
        referrers: {
          list: (repository, digest, page) => referrers.list(repository, digest, { ...page, limit: 2 }),
        },
      },
    })
    const pushed: string[] = []
    for (let count = 0; count < 5; count += 1) {
      const made = makeArtifact({ fields: { subject: subject.descriptor, artifactType: 'a/b+c' } })
      await putManifest(client, 'app', made)
      pushed.push(made.digest)
    }
    const found: string[] = []
    let next: string | undefined = `/v2/app/referrers/${subject.digest}?artifactType=a/b+c`
    while (next !== undefined) {
      const page = await client.ask(next)
      expect(page.headers['oci-filters-applied']).toBe('artifactType')
      found.push(
        ...page.body
          .toString()
          .matchAll(/"digest":"([^"]+)"/g)
          .map(([, digest = '']) => digest),
      )
      next = /^<([^>]+)>; rel="next"$/.exec(String(page.headers.link ?? ''))?.[1]
    }
    expect(found).toEqual(pushed.toSorted())
  })
})

function gateOf(may: Identity['may']): Gate {
  return {
    isOpen: false,
    identify: async () => ({ name: 'captain', by: 'password', may, mayList: (name) => may('pull', name) }),
    refusal: () => new ProtocolError('DENIED', 'you may not'),
    challengeForMore: () => undefined,
  }
}
