import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { startServer } from '../../test/fixtures/http-server.ts'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import {
  type ScriptedAnswer,
  type ScriptedExchange,
  withScriptedServer,
} from '../../test/fixtures/scripted-server.ts'
import { fetchBytes, NotFoundError } from '../content/index.ts'
import { type Descriptor, digestOf, mediaTypes } from '../oci/index.ts'
import { createRegistryClient } from './registry-client.ts'

const bytes = Buffer.from('0123456789')
const blob: Descriptor = { mediaType: mediaTypes.ociLayer, digest: digestOf(bytes), size: bytes.length }
const path = `/v2/me/app/blobs/${blob.digest}`
const get = (range: string | null, answer: ScriptedAnswer): ScriptedExchange => [
  { method: 'GET', path, headers: { range } },
  answer,
]
const part = (start: number, end = 9): ScriptedAnswer => ({
  status: 206,
  headers: { 'content-range': `bytes ${start}-${end}/10` },
  body: bytes.subarray(start, end + 1),
})

describe('fetch() of a blob', () => {
  test('goes on where the transfer broke off, as often as it gets on', () =>
    withScriptedRegistry(
      [
        get(null, { body: bytes, cutAfter: 3 }),
        get('bytes=3-', { ...part(3), cutAfter: 2 }),
        get('bytes=5-', part(5)),
      ],
      async ({ repository }) => expect(await fetchBytes(repository, blob)).toEqual(bytes),
    ))

  test('goes on when the server itself ends too early', () =>
    withScriptedRegistry(
      [get(null, { body: bytes.subarray(0, 4) }), get('bytes=4-', part(4))],
      async ({ repository }) => expect(await fetchBytes(repository, blob)).toEqual(bytes),
    ))

  test('skips what it has when the server starts again', () =>
    withScriptedRegistry(
      [get(null, { body: bytes, cutAfter: 3 }), get('bytes=3-', { body: bytes })],
      async ({ repository }) => expect(await fetchBytes(repository, blob)).toEqual(bytes),
    ))

  test('refuses a part that it did not ask for', () =>
    withScriptedRegistry(
      [get(null, { body: bytes, cutAfter: 3 }), get('bytes=3-', part(4))],
      async ({ repository }) => {
        await expect(fetchBytes(repository, blob)).rejects.toThrow(/answered with another part \("4"\)/)
      },
    ))

  test('gives up when it does not get on', () =>
    withScriptedRegistry(
      [
        get(null, { body: bytes.subarray(0, 4) }),
        ...Array.from({ length: 5 }, () => get('bytes=4-', { ...part(4, 3), body: '' })),
      ],
      async ({ repository }) => {
        await expect(fetchBytes(repository, blob)).rejects.toThrow(/broke off after 4 of 10 bytes/)
      },
    ))

  test('hands a body that is too long on, for the verifier to see', () =>
    withScriptedRegistry([get(null, { body: Buffer.concat([bytes, bytes]) })], async ({ repository }) => {
      await expect(fetchBytes(repository, blob)).rejects.toThrow(/more than the 10 bytes/)
    }))

  test('gives a range, also of a server that knows none', () =>
    withScriptedRegistry(
      [get('bytes=2-5', part(2, 5)), get('bytes=2-5', { body: bytes }), get('bytes=7-9', part(7))],
      async ({ repository }) => {
        expect(String(await buffer(await repository.fetch(blob, { range: { start: 2, end: 5 } })))).toBe(
          '2345',
        )
        expect(String(await buffer(await repository.fetch(blob, { range: { start: 2, end: 5 } })))).toBe(
          '2345',
        )
        expect(String(await buffer(await repository.fetch(blob, { range: { start: 7 } })))).toBe('789')
        expect(await buffer(await repository.fetch(blob, { range: { start: 10 } }))).toHaveLength(0)
      },
    ))

  test('follows to storage at another origin without credentials', () =>
    withScriptedServer(
      [[{ method: 'GET', path: '/signed?x=1', headers: { authorization: null } }, { body: bytes }]],
      (storage) =>
        withScriptedRegistry(
          [
            [
              { method: 'GET', path },
              { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
            ],
            [
              { method: 'GET', path, headers: { authorization: /^Basic / } },
              { status: 307, headers: { location: `${storage.origin}/signed?x=1` } },
            ],
          ],
          async ({ repository }) => expect(await fetchBytes(repository, blob)).toEqual(bytes),
          { client: (host) => ({ credentials: { [host]: { username: 'me', password: 'secret' } } }) },
        ),
    ))

  test('rejects with what the registry says', () =>
    withScriptedRegistry(
      [get(null, { status: 404, body: '{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown"}]}' })],
      async ({ repository }) => {
        const error = await repository.fetch(blob).catch((caught: unknown) => caught)
        expect(error).toBeInstanceOf(NotFoundError)
        expect(String(error)).toContain('BLOB_UNKNOWN: blob unknown')
      },
    ))

  test('lets go of the answer when it is thrown away unread', async () => {
    const { promise: letGo, resolve } = Promise.withResolvers<void>()
    await using server = await startServer((_, response) => {
      response.on('close', resolve)
      response.write('0123')
    })
    const client = createRegistryClient()
    const stream = await client.repository({ domain: `127.0.0.1:${server.port}`, path: 'me/app' }).fetch(blob)
    stream.destroy()
    await letGo
    expect(stream.readableDidRead).toBe(false)
    await client.close()
  })

  test('ends with the signal in the middle', () => {
    const controller = new AbortController()
    return withScriptedRegistry(
      [get(null, { body: Buffer.alloc(1000), cutAfter: 999 })],
      async ({ repository }) => {
        const stream = await repository.fetch({ ...blob, size: 1000 }, { signal: controller.signal })
        const reading = buffer(stream)
        controller.abort(new Error('enough'))
        await expect(reading).rejects.toThrow('enough')
      },
    )
  })

  test('ends with the signal', () =>
    withScriptedRegistry([], async ({ repository }) => {
      await expect(
        repository.fetch(blob, { signal: AbortSignal.abort(new Error('enough')) }),
      ).rejects.toThrow('enough')
    }))
})

const foreign = (origin: string): Descriptor => ({
  ...blob,
  mediaType: mediaTypes.ociForeignLayer,
  urls: [`${origin}/layer`],
})

describe('a foreign layer', () => {
  test('is not fetched from its publisher unless asked', () =>
    withScriptedServer([], (publisher) =>
      withScriptedRegistry([get(null, { status: 404 })], async ({ repository }) => {
        await expect(repository.fetch(foreign(publisher.origin))).rejects.toThrow(NotFoundError)
      }),
    ))

  test('is fetched from its publisher as a stranger where the registry does not have it', () =>
    withScriptedServer(
      [[{ method: 'GET', path: '/layer', headers: { authorization: null } }, { body: bytes }]],
      (publisher) =>
        withScriptedRegistry(
          [
            [
              { method: 'GET', path },
              { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
            ],
            get(null, { status: 404 }),
          ],
          async ({ repository }) =>
            expect(await fetchBytes(repository, foreign(publisher.origin))).toEqual(bytes),
          {
            client: (host) => ({
              foreignLayers: true,
              credentials: { [host]: { username: 'me', password: 'secret' } },
            }),
          },
        ),
    ))
})
