/* oxlint-disable vitest/expect-expect -- withScriptedRegistry() expects the requests of its script */
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { buildImage } from '../../test/fixtures/build-image.ts'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import type { ScriptedAnswer, ScriptedExchange } from '../../test/fixtures/scripted-server.ts'
import { bytesBody, DamagedContentError, LimitExceededError, NotFoundError } from '../content/index.ts'
import {
  digestOf,
  type Descriptor,
  InvalidDocumentError,
  mediaTypes,
  UnsupportedDocumentError,
} from '../oci/index.ts'

const { descriptor, bytes } = buildImage()
const { digest, mediaType, size } = descriptor
const named: Descriptor = { mediaType, digest, size }
const path = (name: string) => `/v2/me/app/manifests/${name}`
const head = (answer: ScriptedAnswer, name = 'v1'): ScriptedExchange => [
  {
    method: 'HEAD',
    path: path(name),
    headers: { accept: /oci\.image\.index.*manifest\.list.*oci\.image\.manifest.*manifest\.v2/ },
  },
  answer,
]
const get = (answer: ScriptedAnswer, name = 'v1'): ScriptedExchange => [
  { method: 'GET', path: path(name) },
  answer,
]
const headers = { 'content-type': mediaType, 'docker-content-digest': digest }

describe('resolve()', () => {
  test('asks by HEAD, once', () =>
    withScriptedRegistry(
      [
        head({
          headers: {
            ...headers,
            'content-type': `${mediaType}; charset=utf-8`,
            'content-length': String(size),
          },
        }),
      ],
      async ({ repository }) => expect(await repository.resolve('v1')).toEqual(named),
    ))

  test.each([
    ['no digest header', { 'content-type': mediaType, 'content-length': String(size) }],
    [
      'a digest header that is none',
      { ...headers, 'docker-content-digest': 'sha256:0', 'content-length': String(size) },
    ],
    ['no type', { 'docker-content-digest': digest, 'content-length': String(size) }],
    [
      'a type that says nothing',
      { ...headers, 'content-type': 'text/plain', 'content-length': String(size) },
    ],
    ['no length', { ...headers, 'transfer-encoding': 'chunked' }],
  ])('hashes the body when HEAD has %s, and does not fetch it again', (_, incomplete) =>
    withScriptedRegistry(
      [head({ headers: incomplete }), get({ headers: { 'content-type': mediaType }, body: bytes })],
      async ({ repository }) => {
        const resolved = await repository.resolve('v1')
        expect(resolved).toEqual(named)
        expect(await buffer(await repository.fetch(resolved))).toEqual(Buffer.from(bytes))
      },
    ),
  )

  test.each([400, 405, 501])('asks by GET where HEAD is answered by %i', (status) =>
    withScriptedRegistry([head({ status }), get({ headers, body: bytes })], async ({ repository }) =>
      expect(await repository.resolve('v1')).toEqual(named),
    ),
  )

  test('tells what it did not find', () =>
    withScriptedRegistry([head({ status: 404 })], async ({ repository, server }) => {
      const error = await repository.resolve('v1').catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(NotFoundError)
      expect(String(error)).toContain(`${server.host}/me/app:v1`)
    }))

  test('refuses bytes with another digest than was asked for', () =>
    withScriptedRegistry(
      [
        head(
          {
            headers: {
              ...headers,
              'docker-content-digest': digestOf(Buffer.from('x')),
              'content-length': '7',
            },
          },
          digest,
        ),
        get({ headers, body: Buffer.from(bytes).fill(0x20, size - 1) }, digest),
      ],
      async ({ repository }) => {
        await expect(repository.resolve(digest)).rejects.toThrow(DamagedContentError)
      },
    ))

  test('refuses a digest header that is not that of the bytes', () =>
    withScriptedRegistry(
      [
        head({ status: 405 }),
        get({ headers: { ...headers, 'docker-content-digest': digestOf(Buffer.from('x')) }, body: bytes }),
      ],
      async ({ repository }) => {
        await expect(repository.resolve('v1')).rejects.toThrow(
          /the registry says sha256:.*the bytes have the digest sha256:/,
        )
      },
    ))

  test('knows sha512, asked for or answered', () => {
    const long = digestOf(bytes, 'sha512')
    return withScriptedRegistry(
      [
        head({ headers: { ...headers, 'docker-content-digest': long, 'content-length': String(size) } }),
        head({ headers, status: 405 }, long),
        get({ headers, body: bytes }, long),
      ],
      async ({ repository }) => {
        expect(await repository.resolve('v1')).toEqual({ ...named, digest: long })
        expect(await repository.resolve(long)).toEqual({ ...named, digest: long })
      },
    )
  })

  test.each([
    [
      'another type than the header',
      { mediaType: mediaTypes.ociIndex, schemaVersion: 2, manifests: [] },
      InvalidDocumentError,
    ],
    [
      'both layers and manifests',
      { mediaType, schemaVersion: 2, config: {}, layers: [], manifests: [] },
      InvalidDocumentError,
    ],
    ['schema 1', { schemaVersion: 1, fsLayers: [] }, UnsupportedDocumentError],
  ])('refuses a document with %s', (_, document, error) =>
    withScriptedRegistry(
      [
        head({ status: 405 }),
        get({ headers: { 'content-type': mediaType }, body: JSON.stringify(document) }),
      ],
      async ({ repository }) => {
        await expect(repository.resolve('v1')).rejects.toThrow(error)
      },
    ),
  )

  test('refuses schema 1 by its type, in plain words', () =>
    withScriptedRegistry(
      [
        head({
          headers: {
            'content-type': mediaTypes.dockerSchema1Signed,
            'docker-content-digest': digest,
            'content-length': '9',
          },
        }),
        get({ headers: { 'content-type': mediaTypes.dockerSchema1Signed }, body: '{"schemaVersion":1}' }),
      ],
      async ({ repository }) => {
        await expect(repository.resolve('v1')).rejects.toThrow(/schema 1/)
      },
    ))

  test('asks again when the connection breaks off in a manifest', () =>
    withScriptedRegistry(
      [head({ status: 405 }), get({ headers, body: bytes, cutAfter: 20 }), get({ headers, body: bytes })],
      async ({ repository }) => expect(await repository.resolve('v1')).toEqual(named),
    ))

  test('gives up when it breaks off again and again', () =>
    withScriptedRegistry(
      [head({ status: 405 }), ...[1, 2, 3].map((cutAfter) => get({ headers, body: bytes, cutAfter }))],
      async ({ repository }) => {
        await expect(repository.resolve('v1')).rejects.toThrow(/broke off in the middle of the answer/)
      },
    ))

  test('reads no more than 8 MiB', () =>
    withScriptedRegistry(
      [head({ status: 405 }), get({ headers, body: Buffer.alloc(8 * 1024 * 1024 + 1, ' ') })],
      async ({ repository }) => {
        await expect(repository.resolve('v1')).rejects.toThrow(LimitExceededError)
      },
    ))

  test('asks nothing for a name that is neither tag nor digest', () =>
    withScriptedRegistry([], async ({ repository }) => {
      await expect(repository.resolve('../x?y')).rejects.toThrow(/neither a tag nor a digest/)
    }))
})

const put = (name: string, answer: ScriptedAnswer): ScriptedExchange => [
  { method: 'PUT', path: path(name), headers: { 'content-type': mediaType }, body: bytes },
  answer,
]

describe('push() of a manifest', () => {
  test('puts the exact bytes under the digest; a tag then costs one request', () =>
    withScriptedRegistry(
      [
        put(digest, { status: 201, headers: { 'docker-content-digest': digest } }),
        put('v1', { status: 201 }),
      ],
      async ({ repository }) => {
        await repository.push(named, bytesBody(bytes))
        await repository.tag(named, 'v1')
      },
    ))

  test.each([
    ['answers OCI-Tag', { 'oci-tag': 'v1' }, []],
    ['does not', {}, [put('v1', { status: 201 })]],
  ])('keeps a digest of sha512 under a tag, where the registry %s', (_, answer, then) => {
    const long = digestOf(bytes, 'sha512')
    return withScriptedRegistry(
      [put(`${long}?tag=v1`, { status: 201, headers: answer }), ...then],
      async ({ repository }) => {
        await repository.pushAs({ ...named, digest: long }, bytes, 'v1')
      },
    )
  })

  test('is an error when the registry stored another digest', () =>
    withScriptedRegistry(
      [put('v1', { status: 201, headers: { 'docker-content-digest': digestOf(Buffer.from('x')) } })],
      async ({ repository }) => {
        await expect(repository.pushAs(named, bytes, 'v1')).rejects.toThrow(/stored it as sha256:/)
      },
    ))

  test('shows what the registry says against it', () =>
    withScriptedRegistry(
      [
        put(digest, {
          status: 400,
          body: '{"errors":[{"code":"MANIFEST_INVALID","message":"bad\\u001b[31m\\nthing"}]}',
        }),
      ],
      async ({ repository }) => {
        await expect(repository.push(named, bytesBody(bytes))).rejects.toThrow(
          'status 400 (MANIFEST_INVALID: bad [31m thing)',
        )
      },
    ))

  test('sends nothing that is not what its descriptor says', () =>
    withScriptedRegistry([], async ({ repository }) => {
      const other = Buffer.from(bytes).fill(0x20, size - 1)
      await expect(repository.push(named, bytesBody(other))).rejects.toThrow(DamagedContentError)
      await expect(repository.push(named, bytesBody(Buffer.concat([bytes, bytes])))).rejects.toThrow(
        DamagedContentError,
      )
      await expect(repository.pushAs(named, other, 'v1')).rejects.toThrow(DamagedContentError)
    }))

  test('sends nothing larger than 4 MiB', () =>
    withScriptedRegistry([], async ({ repository }) => {
      const large = { ...named, size: 4 * 1024 * 1024 + 1 }
      await expect(repository.push(large, bytesBody(bytes))).rejects.toThrow(LimitExceededError)
    }))
})

describe('exists() of a manifest', () => {
  test('tells not there from could not tell', () =>
    withScriptedRegistry(
      [head({ headers }, digest), head({ status: 404 }, digest), head({ status: 403 }, digest)],
      async ({ repository }) => {
        expect(await repository.exists(named)).toBe(true)
        expect(await repository.exists(named)).toBe(false)
        await expect(repository.exists(named)).rejects.toThrow(/refuses access/)
      },
    ))
})
