import { describe, expect, test } from 'vitest'
import { buildImage } from '../../test/fixtures/build-image.ts'
import {
  type ScriptedAnswer,
  type ScriptedExchange,
  withScriptedServer,
} from '../../test/fixtures/scripted-server.ts'
import { bytesBody, fetchBytes } from '../content/index.ts'
import type { RegistryClientOptions } from './options.ts'
import { createRegistryClient } from './registry-client.ts'
import type { Repository } from './repository.ts'

const { descriptor, bytes, contents, layers } = buildImage()
const { digest, mediaType, size } = descriptor
const layer = layers[0] ?? descriptor
const content = contents.find((one) => one.descriptor.digest === layer.digest)?.bytes ?? bytes

/** Runs with a mirror at one server, under a prefix, and the registry at another. */
function withMirror(
  mirror: (ns: string) => readonly ScriptedExchange[],
  registry: readonly ScriptedExchange[],
  use: (repository: Repository) => Promise<void>,
  options: (host: string) => RegistryClientOptions = () => ({}),
): Promise<void> {
  return withScriptedServer(registry, ({ host }) =>
    withScriptedServer(mirror(encodeURIComponent(host)), async (mirrorServer) => {
      const client = createRegistryClient({
        hosts: { [host]: { mirrors: [`${mirrorServer.host}/hub`] } },
        ...options(host),
      })
      try {
        await use(client.repository({ domain: host, path: 'me/app' }))
      } finally {
        await client.close()
      }
    }),
  )
}

const head = (
  path: string,
  answer: ScriptedAnswer,
  authorization: string | RegExp | null = null,
): ScriptedExchange => [{ method: 'HEAD', path, headers: { authorization } }, answer]
const get = (path: string, answer: ScriptedAnswer): ScriptedExchange => [
  { method: 'GET', path, headers: { authorization: null } },
  answer,
]
const found = {
  headers: { 'content-type': mediaType, 'docker-content-digest': digest, 'content-length': String(size) },
}
const manifestPath = `/manifests/${digest}`
const blobPath = `/blobs/${layer.digest}`

describe('a mirror', () => {
  test('is asked first, for the registry it stands for, and answers tags, manifests and blobs', () =>
    withMirror(
      (ns) => [
        head(`/v2/hub/me/app/manifests/v1?ns=${ns}`, found),
        get(`/v2/hub/me/app${manifestPath}?ns=${ns}`, { ...found, body: bytes }),
        get(`/v2/hub/me/app${blobPath}?ns=${ns}`, { body: content }),
      ],
      [],
      async (repository) => {
        const resolved = await repository.resolve('v1')
        expect(await fetchBytes(repository, resolved)).toEqual(Buffer.from(bytes))
        expect(await fetchBytes(repository, layer)).toEqual(Buffer.from(content))
      },
    ))

  test.each([404, 403, 409])('that answers %i leaves it to the registry', (status) =>
    withMirror(
      (ns) => [
        head(`/v2/hub/me/app/manifests/v1?ns=${ns}`, { status }),
        get(`/v2/hub/me/app${blobPath}?ns=${ns}`, { status }),
      ],
      [head('/v2/me/app/manifests/v1', found), get(`/v2/me/app${blobPath}`, { body: content })],
      async (repository) => {
        expect(await repository.resolve('v1')).toMatchObject({ digest })
        expect(await fetchBytes(repository, layer)).toEqual(Buffer.from(content))
      },
    ),
  )

  test('that gives other bytes than the digest leaves it to the registry', () =>
    withMirror(
      (ns) => [
        get(`/v2/hub/me/app${manifestPath}?ns=${ns}`, {
          ...found,
          headers: { 'content-type': mediaType },
          body: '{}',
        }),
      ],
      [get(`/v2/me/app${manifestPath}`, { ...found, body: bytes })],
      async (repository) => expect(await fetchBytes(repository, descriptor)).toEqual(Buffer.from(bytes)),
    ))

  test('that breaks off leaves the rest to the registry', () =>
    withMirror(
      (ns) => [
        get(`/v2/hub/me/app${blobPath}?ns=${ns}`, { body: content, cutAfter: 10 }),
        get(`/v2/hub/me/app${blobPath}?ns=${ns}`, { status: 404 }),
      ],
      [
        [
          { method: 'GET', path: `/v2/me/app${blobPath}`, headers: { range: 'bytes=10-' } },
          {
            status: 206,
            headers: { 'content-range': `bytes 10-${layer.size - 1}/${layer.size}` },
            body: content.subarray(10),
          },
        ],
      ],
      async (repository) => expect(await fetchBytes(repository, layer)).toEqual(Buffer.from(content)),
    ))

  test('gets no credentials of the registry', () =>
    withMirror(
      (ns) => [
        head(`/v2/hub/me/app/manifests/v1?ns=${ns}`, {
          status: 401,
          headers: { 'www-authenticate': 'Basic realm="x"' },
        }),
      ],
      [
        head('/v2/me/app/manifests/v1', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }),
        head('/v2/me/app/manifests/v1', found, /^Basic /),
      ],
      async (repository) => expect(await repository.resolve('v1')).toMatchObject({ digest }),
      (host) => ({ credentials: { [host]: { username: 'me', password: 'secret' } } }),
    ))

  test('gets no pushes and is asked for no lists', () =>
    withMirror(
      () => [],
      [
        [{ method: 'PUT', path: '/v2/me/app/manifests/v1' }, { status: 201 }],
        [{ method: 'POST', path: '/v2/me/app/blobs/uploads/' }, { status: 201 }],
        get('/v2/me/app/tags/list?n=1000', { body: '{"tags":["v1"]}' }),
      ],
      async (repository) => {
        await repository.pushAs(descriptor, bytes, 'v1')
        await repository.push(layer, bytesBody(content))
        for await (const tag of repository.tags()) expect(tag).toBe('v1')
      },
    ))
})
