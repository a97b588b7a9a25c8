import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RawConnection, rawConnection, type RawResponse } from '../../../test/fixtures/raw-connection.ts'
import { type TemporaryStorage, temporaryStorage } from '../../../test/fixtures/registry-storage.ts'
import { type ProtocolServer, serveProtocol } from '../../../test/fixtures/serve-protocol.ts'
import { protocolClient } from '../../../test/protocol/protocol-client.ts'
import { makeImage } from '../../../test/protocol/protocol-data.ts'
import { startUpload } from '../../../test/protocol/push-blob.ts'
import { putManifest } from '../../../test/protocol/push-manifest.ts'

const made = makeImage()
const blobDigest = made.blobs[0]?.digest ?? ''

let stored: TemporaryStorage
let server: ProtocolServer
let upload: string

beforeAll(async () => {
  stored = await temporaryStorage()
  server = await serveProtocol({ storage: stored.storage, maxManifestBytes: 2000, maxBlobBytes: 5000 })
  const client = protocolClient(server)
  await putManifest(client, 'app', made, 'latest')
  upload = (await startUpload(client, 'app')).pathname
  client.close()
})

afterAll(async () => {
  await server.close()
  await stored.close()
})

/** Text as it may stand in a header or a path: bytes of Latin-1 without line ends. */
const latin1 = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCodePoint(code)),
  maxLength: 20,
})

const digests = fc.constantFrom(
  made.digest,
  blobDigest,
  blobDigest.replace(':', '%3A'),
  `sha256:${'0'.repeat(64)}`,
  `sha512:${'0'.repeat(128)}`,
  'sha256:',
  'sha256:..',
  'md5:00',
)

const names = fc.constantFrom(
  'app',
  'app/b',
  'App',
  '..',
  'a%2Fb',
  '',
  '%00',
  'a//b',
  'manifests',
  'x'.repeat(300),
)

const places = fc.oneof(
  fc.constantFrom('', '_catalog', 'x/tags/list', 'app/tags/list', '/', '..', '%2e%2e/'),
  fc
    .tuple(
      names,
      fc.constantFrom('manifests', 'blobs', 'referrers', 'blobs/uploads'),
      fc.oneof(digests, latin1),
    )
    .map((parts) => parts.join('/')),
  fc.constantFrom('app/manifests/latest', 'app/blobs/uploads/', 'app/blobs/uploads'),
  latin1,
)

const values = fc.oneof(
  digests,
  names,
  latin1,
  fc.constantFrom('-1', '0', '1', '9'.repeat(30), '%', '%zz', '+'),
)

const queries = fc
  .array(
    fc.tuple(
      fc.constantFrom('n', 'last', 'digest', 'mount', 'from', 'tag', 'artifactType', 'digest-algorithm'),
      values,
    ),
    { maxLength: 4 },
  )
  .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.map((pair) => pair.join('=')).join('&')}`))

const headers = fc
  .array(
    fc.oneof(
      fc.tuple(
        fc.constantFrom(
          'Range',
          'Content-Range',
          'If-Range',
          'If-None-Match',
          'Content-Type',
          'Accept',
          'Cookie',
        ),
        fc.oneof(
          latin1,
          fc.constantFrom(
            'bytes=0-5',
            'bytes=-1',
            'bytes=5-1',
            'bytes=0-1,3-4',
            '0-9',
            '5-9',
            '*',
            made.mediaType,
          ),
        ),
      ),
      fc.constantFrom<[string, string]>(
        ['Content-Encoding', 'gzip'],
        ['Expect', '100-continue'],
        ['Authorization', 'x'],
      ),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}: ${value}\r\n`).join(''))

const methods = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE')

const bodies = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.uint8Array({ maxLength: 6000 }).map((bytes) => Buffer.from(bytes)),
  fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
  fc.constant(Buffer.from(made.bytes)),
)

describe('any request', () => {
  it('is never the fault of the server, and leaves the connection usable or closed', async () => {
    const target = fc.oneof(
      fc.tuple(places, queries).map(([place, query]) => `/v2/${place}${query}`),
      queries.map((query) => upload + query),
    )
    let connection: RawConnection | undefined
    const property = fc.asyncProperty(
      fc.record({ method: methods, target, headers, body: bodies, chunked: fc.boolean() }),
      async (asked) => {
        // A connection that stayed usable is used for the next request too: what is wrong with it would show there.
        connection = connection?.socket.writable === true ? connection : await rawConnection(server.port)
        connection.send(requestOf(asked))
        const response = await connection.receive({ toHead: asked.method === 'HEAD' })
        // What is no HTTP may be answered by closing the connection.
        expect(response !== undefined || /[^\x21-\x7e]/.test(asked.target)).toBe(true)
        checkShape(asked.method, response)
        if (response?.headers.get('connection') === 'close') return endOf(connection)
        connection.send('GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n')
        const next = await connection.receive()
        if (next === undefined) return endOf(connection)
        expect(next.status).toBe(200)
      },
    )
    try {
      await fc.assert(property, { numRuns: 600 })
    } finally {
      connection?.close()
    }
    expect(server.log).toEqual([])
  })

  it('that is none is answered, or the connection closed', async () => {
    const anything = fc.oneof(
      latin1,
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    )
    await fc.assert(
      fc.asyncProperty(methods, anything, anything, async (method, target, rest) => {
        const connection = await rawConnection(server.port)
        connection.socket.end(Buffer.from(`${method} /v2/${target} HTTP/1.1\r\n${rest}\r\n\r\n`, 'latin1'))
        checkShape(method, await connection.receive({ toHead: method === 'HEAD' }))
        connection.close()
      }),
      { numRuns: 200 },
    )
    expect(server.log).toEqual([])
  })
})

function requestOf(asked: {
  readonly method: string
  readonly target: string
  readonly headers: string
  readonly body: Buffer
  readonly chunked: boolean
}): Buffer {
  const { body, chunked } = asked
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`
  const head = `${asked.method} ${asked.target} HTTP/1.1\r\nHost: x\r\n${framing}\r\n${asked.headers}\r\n`
  const chunk = body.length === 0 ? [] : [`${body.length.toString(16)}\r\n`, body, '\r\n']
  const pieces = chunked ? [head, ...chunk, '0\r\n\r\n'] : [head, body]
  return Buffer.concat(
    pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)),
  )
}

/** Every refusal has the shape of the specification ("Error Codes"). */
function checkShape(method: string, response: RawResponse | undefined): void {
  if (response === undefined) return
  const { status, body } = response
  expect(status).toBeLessThan(500)
  if (status < 400 || method === 'HEAD') return
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(body.toString()).toMatch(/^\{"errors":\[\{"code":"[A-Z_]+","message":".+\]\}$/s)
  expect(() => {
    JSON.parse(body.toString())
  }).not.toThrow()
}

async function endOf(connection: RawConnection): Promise<void> {
  await connection.closed()
  connection.close()
}
