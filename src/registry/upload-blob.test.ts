/* oxlint-disable vitest/expect-expect -- withScriptedRegistry() expects the requests of its script */
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import {
  type ExpectedRequest,
  type ScriptedAnswer,
  type ScriptedExchange,
  withScriptedServer,
} from '../../test/fixtures/scripted-server.ts'
import { bytesBody, DamagedContentError, fetchBytes } from '../content/index.ts'
import { type Descriptor, digestOf } from '../oci/index.ts'
import { createRegistryClient } from './registry-client.ts'

const bytes = Buffer.from('0123456789')
const blob: Descriptor = { mediaType: 'application/wasm', digest: digestOf(bytes), size: bytes.length }
const uploads = '/v2/me/app/blobs/uploads/'
const digestQuery = `digest=${encodeURIComponent(blob.digest)}`
const inChunks = (chunkSize: number) => ({ client: () => ({ chunkSize, wait: async () => undefined }) })

function post(answer: ScriptedAnswer = {}, path = uploads): ScriptedExchange {
  return [
    { method: 'POST', path, headers: { 'content-length': '0' } },
    { status: 202, ...answer, headers: { location: `${uploads}1?state=a%20b`, ...answer.headers } },
  ]
}

function put(
  path: string,
  answer: ScriptedAnswer = { status: 201 },
  request: Partial<ExpectedRequest> = {},
): ScriptedExchange {
  return [{ method: 'PUT', path, body: bytes, ...request }, answer]
}

function patch(path: string, from: number, to: number, answer: ScriptedAnswer = {}): ScriptedExchange {
  return [
    {
      method: 'PATCH',
      path,
      headers: { 'content-range': `${from}-${to}`, 'content-length': String(to - from + 1) },
      ...(answer.cutRequestAfter === undefined ? { body: bytes.subarray(from, to + 1) } : {}),
    },
    { status: 202, ...answer },
  ]
}

function ask(path: string, range: string, answer: ScriptedAnswer = {}): ScriptedExchange {
  return [
    { method: 'GET', path },
    { status: 204, headers: { range, ...answer.headers } },
  ]
}

const gone: ScriptedExchange = [{ method: 'HEAD', path: `/v2/me/app/blobs/${blob.digest}` }, { status: 404 }]
const cancelled = (path: string): ScriptedExchange => [{ method: 'DELETE', path }, { status: 204 }]

describe('push() of a small blob', () => {
  test.each([201, 202, 204])(
    'is one PUT, answered by %i; the query of the location stays as it is',
    (status) =>
      withScriptedRegistry(
        [post(), put(`${uploads}1?state=a%20b&${digestQuery}`, { status })],
        ({ repository }) => repository.push(blob, bytesBody(bytes)),
      ),
  )

  test.each([
    'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    'application/vnd.wasm.content.layer.v1+wasm',
    'application/vnd.dev.cosign.simplesigning.v1+json',
    'something/else; with="parameters"',
  ])('goes where blobs are, whatever its type: %s', (mediaType) =>
    withScriptedRegistry(
      [
        [{ method: 'HEAD', path: `/v2/me/app/blobs/${blob.digest}` }, { status: 404 }],
        post(),
        put(`${uploads}1?state=a%20b&${digestQuery}`),
        [{ method: 'GET', path: `/v2/me/app/blobs/${blob.digest}` }, { body: bytes }],
      ],
      async ({ repository }) => {
        const typed = { ...blob, mediaType }
        expect(await repository.exists(typed)).toBe(false)
        await repository.push(typed, bytesBody(bytes))
        expect(await fetchBytes(repository, typed)).toEqual(bytes)
      },
    ),
  )

  test('goes to an absolute location', () =>
    withScriptedRegistry(
      [post({ headers: { location: '{origin}/elsewhere' } }), put(`/elsewhere?${digestQuery}`)],
      ({ repository }) => repository.push(blob, bytesBody(bytes)),
    ))

  test('takes no credentials to another origin', () =>
    withScriptedServer(
      [put(`/store?${digestQuery}`, { status: 201 }, { headers: { authorization: null } })],
      (storage) =>
        withScriptedRegistry(
          [
            [
              { method: 'POST', path: uploads },
              { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
            ],
            [
              { method: 'POST', path: uploads, headers: { authorization: /^Basic / } },
              { status: 202, headers: { location: `${storage.origin}/store` } },
            ],
          ],
          ({ repository }) => repository.push(blob, bytesBody(bytes)),
          { client: (host) => ({ credentials: { [host]: { username: 'me', password: 'secret' } } }) },
        ),
    ))

  test('needs no bytes when the registry has it at once', () =>
    withScriptedRegistry([post({ status: 201 })], ({ repository }) =>
      repository.push(blob, bytesBody(bytes)),
    ))

  test('has no body when it is empty', () => {
    const empty = { ...blob, digest: digestOf(new Uint8Array()), size: 0 }
    return withScriptedRegistry(
      [
        post(),
        [
          {
            method: 'PUT',
            path: /digest=sha256%3Ae3b0/,
            headers: { 'content-length': '0', 'transfer-encoding': null },
          },
          { status: 201 },
        ],
      ],
      ({ repository }) => repository.push(empty, bytesBody(new Uint8Array())),
    )
  })

  test('names its algorithm where that is not sha256', () => {
    const long = { ...blob, digest: digestOf(bytes, 'sha512') }
    return withScriptedRegistry(
      [
        post({}, `${uploads}?digest-algorithm=sha512`),
        put(`${uploads}1?state=a%20b&digest=${encodeURIComponent(long.digest)}`),
      ],
      ({ repository }) => repository.push(long, bytesBody(bytes)),
    )
  })

  test('is an error when the registry stored another digest', () =>
    withScriptedRegistry(
      [
        post(),
        put(`${uploads}1?state=a%20b&${digestQuery}`, {
          status: 201,
          headers: { 'docker-content-digest': digestOf(Buffer.from('x')) },
        }),
        cancelled(`${uploads}1?state=a%20b`),
      ],
      async ({ repository }) => {
        await expect(repository.push(blob, bytesBody(bytes))).rejects.toThrow(/stored it as sha256:/)
      },
    ))

  test.each([
    ['other bytes', Buffer.from('012345678X'), /have the digest/],
    ['too few', Buffer.from('01234'), /ends after 5 of the 10 bytes/],
    ['too many', Buffer.from('0123456789X'), /more than the 10 bytes/],
  ])('with %s never completes, and is cancelled', (_, other, problem) =>
    withScriptedRegistry(
      [
        post(),
        [{ method: 'PUT', path: /./, optional: true }, { cutRequestAfter: Infinity }],
        cancelled(`${uploads}1?state=a%20b`),
      ],
      async ({ repository }) => {
        const push = repository.push(blob, {
          open: async () => Readable.from([...other].map((byte) => Buffer.of(byte))),
        })
        await expect(push).rejects.toThrow(problem)
        await expect(push).rejects.toThrow(DamagedContentError)
      },
    ),
  )

  test('hands on the error of its source, and cancels', () =>
    withScriptedRegistry([post(), cancelled(`${uploads}1?state=a%20b`)], async ({ repository }) => {
      const body = { open: () => Promise.reject(new Error('the disk is gone')) }
      await expect(repository.push(blob, body)).rejects.toThrow('the disk is gone')
    }))

  test('ends with the signal, and cancels', () => {
    const controller = new AbortController()
    return withScriptedRegistry(
      [
        post(),
        [
          { method: 'PUT', path: /./, optional: true },
          { early: true, after: new Promise(() => undefined) },
        ],
        cancelled(`${uploads}1?state=a%20b`),
      ],
      async ({ repository }) => {
        const body = {
          open: async () => {
            controller.abort(new Error('enough'))
            return Readable.from([bytes])
          },
        }
        await expect(repository.push(blob, body, { signal: controller.signal })).rejects.toThrow('enough')
      },
    )
  })
})

describe('push() of a large blob', () => {
  test('goes in chunks, each to the location of the last answer', () =>
    withScriptedRegistry(
      [
        post(),
        patch(`${uploads}1?state=a%20b`, 0, 3, { headers: { location: '2?x=y' } }),
        patch(`${uploads}2?x=y`, 4, 7, { headers: { location: '{origin}/3', range: '0-7' } }),
        patch('/3', 8, 9),
        put(`/3?${digestQuery}`, { status: 204 }, { body: '' }),
      ],
      ({ repository }) => repository.push(blob, bytesBody(bytes)),
      inChunks(4),
    ))

  test('opens its source once, however many chunks there are', async () => {
    const offsets: number[] = []
    await withScriptedRegistry(
      [
        post(),
        ...[0, 3, 6].map((from) => patch(`${uploads}1?state=a%20b`, from, from + 2)),
        patch(`${uploads}1?state=a%20b`, 9, 9),
        put(`${uploads}1?state=a%20b&${digestQuery}`, { status: 201 }, { body: '' }),
      ],
      ({ repository }) =>
        repository.push(blob, {
          open: (offset) => {
            offsets.push(offset)
            return bytesBody(bytes).open(offset)
          },
        }),
      inChunks(3),
    )
    expect(offsets).toEqual([0])
  })

  test('honours the least length of a chunk', () =>
    withScriptedRegistry(
      [
        post({ headers: { 'oci-chunk-min-length': '6' } }),
        patch(`${uploads}1?state=a%20b`, 0, 5),
        patch(`${uploads}1?state=a%20b`, 6, 9),
        put(`${uploads}1?state=a%20b&${digestQuery}`, { status: 201 }, { body: '' }),
      ],
      ({ repository }) => repository.push(blob, bytesBody(bytes)),
      inChunks(4),
    ))

  test('goes on from where the registry is, when it took less than was sent', () =>
    withScriptedRegistry(
      [
        post(),
        patch(`${uploads}1?state=a%20b`, 0, 5, { headers: { range: '0-2' } }),
        patch(`${uploads}1?state=a%20b`, 3, 8),
        patch(`${uploads}1?state=a%20b`, 9, 9),
        put(`${uploads}1?state=a%20b&${digestQuery}`, { status: 201 }, { body: '' }),
      ],
      ({ repository }) => repository.push(blob, bytesBody(bytes)),
      inChunks(6),
    ))

  test('asks the session after a broken connection and after 416; progress counts what goes again', () => {
    const counts: number[] = []
    return withScriptedRegistry(
      [
        post(),
        patch(`${uploads}1?state=a%20b`, 0, 5, { cutRequestAfter: 3 }),
        ask(`${uploads}1?state=a%20b`, '0-2', { headers: { location: `${uploads}2` } }),
        patch(`${uploads}2`, 3, 8, { status: 416 }),
        ask(`${uploads}2`, 'bytes=0-3'),
        patch(`${uploads}2`, 4, 9),
        put(`${uploads}2?${digestQuery}`, { status: 201 }, { body: '' }),
      ],
      async ({ repository }) => {
        await repository.push(blob, bytesBody(bytes), { onBytes: (count) => counts.push(count) })
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10)
        expect(Math.min(...counts)).toBeLessThan(0)
      },
      inChunks(6),
    )
  })

  test('starts anew when the session is gone and the blob is not there', () =>
    withScriptedRegistry(
      [
        post(),
        patch(`${uploads}1?state=a%20b`, 0, 5, { cutRequestAfter: 3 }),
        [{ method: 'GET', path: `${uploads}1?state=a%20b` }, { status: 404 }],
        gone,
        cancelled(`${uploads}1?state=a%20b`),
        post({ headers: { location: `${uploads}2` } }),
        patch(`${uploads}2`, 0, 5),
        patch(`${uploads}2`, 6, 9),
        put(`${uploads}2?${digestQuery}`, { status: 201 }, { body: '' }),
      ],
      ({ repository }) => repository.push(blob, bytesBody(bytes)),
      inChunks(6),
    ))

  test('starts anew when the session claims to have what it was never given', () =>
    withScriptedRegistry(
      [
        post(),
        patch(`${uploads}1?state=a%20b`, 0, 5, { status: 416 }),
        ask(`${uploads}1?state=a%20b`, '0-7'),
        gone,
        cancelled(`${uploads}1?state=a%20b`),
        post({ headers: { location: `${uploads}2` } }),
        patch(`${uploads}2`, 0, 5),
        patch(`${uploads}2`, 6, 9),
        put(`${uploads}2?${digestQuery}`, { status: 201 }, { body: '' }),
      ],
      ({ repository }) => repository.push(blob, bytesBody(bytes)),
      inChunks(6),
    ))

  test('is done when the answer was lost and the blob is there', () =>
    withScriptedRegistry(
      [
        post(),
        put(`${uploads}1?state=a%20b&${digestQuery}`, { cutAfter: 0 }),
        [{ method: 'GET', path: `${uploads}1?state=a%20b` }, { status: 404 }],
        [{ method: 'HEAD', path: `/v2/me/app/blobs/${blob.digest}` }, { status: 200 }],
      ],
      ({ repository }) => repository.push(blob, bytesBody(bytes)),
    ))

  test('is sent in one request to a registry that drops chunks (ECR), also the next one', () => {
    const next = Buffer.from('abcdefghij')
    return withScriptedRegistry(
      [
        post(),
        patch(`${uploads}1?state=a%20b`, 0, 5, { status: 201 }),
        cancelled(`${uploads}1?state=a%20b`),
        post({ headers: { location: `${uploads}2` } }),
        put(`${uploads}2?${digestQuery}`),
        post({ headers: { location: `${uploads}3` } }),
        [{ method: 'PUT', path: /^\/v2\/me\/app\/blobs\/uploads\/3/, body: next }, { status: 201 }],
      ],
      async ({ repository }) => {
        await repository.push(blob, bytesBody(bytes))
        await repository.push({ ...blob, digest: digestOf(next) }, bytesBody(next))
      },
      inChunks(6),
    )
  })

  test('goes in smaller chunks after 413', () =>
    withScriptedRegistry(
      [
        post(),
        put(`${uploads}1?state=a%20b&${digestQuery}`, { status: 413 }),
        ask(`${uploads}1?state=a%20b`, '0-0'),
        gone,
        cancelled(`${uploads}1?state=a%20b`),
        post({ headers: { location: `${uploads}2` } }),
        patch(`${uploads}2`, 0, 4),
        patch(`${uploads}2`, 5, 9),
        put(`${uploads}2?${digestQuery}`, { status: 201 }, { body: '' }),
      ],
      ({ repository }) => repository.push(blob, bytesBody(bytes)),
      inChunks(10),
    ))

  test('gives up when it gets no further', () =>
    withScriptedRegistry(
      [
        post(),
        ...Array.from({ length: 4 }, () => [
          patch(`${uploads}1?state=a%20b`, 0, 5, { status: 416 }),
          ask(`${uploads}1?state=a%20b`, '0-0'),
          gone,
          cancelled(`${uploads}1?state=a%20b`),
          post(),
        ]).flat(),
        patch(`${uploads}1?state=a%20b`, 0, 5, { status: 416 }),
        cancelled(`${uploads}1?state=a%20b`),
      ],
      async ({ repository }) => {
        await expect(repository.push(blob, bytesBody(bytes))).rejects.toThrow(/status 416/)
      },
      inChunks(6),
    ))
})

describe('mount()', () => {
  const mountPath = `${uploads}?mount=${encodeURIComponent(blob.digest)}&from=me%2Fbase`

  test('is done by 201', () =>
    withScriptedRegistry(
      [[{ method: 'POST', path: mountPath }, { status: 201 }]],
      async ({ repository, client, server }) => {
        const base = client.repository({ domain: server.host, path: 'me/base' })
        expect(repository.mayMountFrom(base)).toBe(true)
        expect(await repository.mount(blob, base)).toBe(true)
      },
    ))

  test('leaves a session that the upload uses', () =>
    withScriptedRegistry(
      [post({}, mountPath), put(`${uploads}1?state=a%20b&${digestQuery}`)],
      async ({ repository, client, server }) => {
        expect(
          await repository.mount(blob, client.repository({ domain: server.host, path: 'me/base' })),
        ).toBe(false)
        await repository.push(blob, bytesBody(bytes))
      },
    ))

  test('leaves a session that is cancelled at the end when nobody uses it', () =>
    withScriptedServer([post({}, mountPath), cancelled(`${uploads}1?state=a%20b`)], async ({ host }) => {
      const client = createRegistryClient()
      const base = client.repository({ domain: host, path: 'me/base' })
      await client.repository({ domain: host, path: 'me/app' }).mount(blob, base)
      await client.close()
    }))

  test('leaves one session at a time: an earlier one is cancelled', () =>
    withScriptedRegistry(
      [
        post({}, mountPath),
        post({}, mountPath.replace('base', 'other')),
        cancelled(`${uploads}1?state=a%20b`),
        put(`${uploads}1?state=a%20b&${digestQuery}`),
      ],
      async ({ repository, client, server }) => {
        for (const path of ['me/base', 'me/other'])
          await repository.mount(blob, client.repository({ domain: server.host, path }))
        await repository.push(blob, bytesBody(bytes))
      },
    ))

  test('asks for pull on the source, and gives up for good when that is refused', () =>
    withScriptedRegistry(
      [
        [
          { method: 'POST', path: mountPath },
          { status: 401, headers: { 'www-authenticate': 'Bearer realm="{origin}/token"' } },
        ],
        [
          {
            method: 'GET',
            path: '/token?scope=repository%3Ame%2Fapp%3Apull%2Cpush&scope=repository%3Ame%2Fbase%3Apull',
          },
          { status: 403 },
        ],
      ],
      async ({ repository, client, server }) => {
        const base = client.repository({ domain: server.host, path: 'me/base' })
        expect(await repository.mount(blob, base)).toBe(false)
        expect(await repository.mount(blob, base)).toBe(false)
      },
    ))

  test('is not tried from another registry or from the repository itself', () =>
    withScriptedRegistry([], async ({ repository, client, server }) => {
      const elsewhere = client.repository({ domain: 'registry.example', path: 'me/base' })
      const same = client.repository({ domain: server.host, path: 'me/app' })
      expect([elsewhere, same].map((from) => repository.mayMountFrom(from))).toEqual([false, false])
      expect(await repository.mount(blob, elsewhere)).toBe(false)
    }))
})
