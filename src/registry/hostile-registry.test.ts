import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { buildImage } from '../../test/fixtures/build-image.ts'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import type { ScriptedExchange } from '../../test/fixtures/scripted-server.ts'
import {
  AccessRefusedError,
  bytesBody,
  fetchBytes,
  LimitExceededError,
  NotFoundError,
  UnavailableError,
} from '../content/index.ts'
import type { HttpRequest, HttpResponse, Transport } from '../http/index.ts'
import { type Descriptor, digestOf, mediaTypes } from '../oci/index.ts'
import { createRegistryClient } from './registry-client.ts'
import type { Repository } from './repository.ts'

const { descriptor, bytes } = buildImage()
const blob: Descriptor = { mediaType: 'x/y', digest: digestOf(Buffer.from('x')), size: 1 }
const credentials = { username: 'me', password: 'hunter2' }

interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A public registry by https, `registry.example`, without a network; keeps what it was asked. */
class PublicRegistry implements Transport {
  readonly requests: HttpRequest[] = []
  readonly repository: Repository
  readonly #answer: (request: HttpRequest) => Answer

  constructor(answer: (request: HttpRequest) => Answer, options: { readonly chunkSize?: number } = {}) {
    this.#answer = answer
    const client = createRegistryClient({
      transport: this,
      credentials: { 'registry.example': credentials },
      foreignLayers: true,
      ...options,
      wait: () => Promise.resolve(),
    })
    this.repository = client.repository({ domain: 'registry.example', path: 'me/app' })
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request)
    const { status = 200, headers = {}, body = '' } = this.#answer(request)
    return {
      status,
      url: request.url,
      header: (name) => headers[name],
      headerValues: (name) => (headers[name] === undefined ? [] : [headers[name]]),
      body: Readable.from(body === '' ? [] : [Buffer.from(body)], { objectMode: false }),
      bytes: () => Promise.resolve(Buffer.from(body)),
      discard: () => Promise.resolve(),
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** Origins that were asked, but for the registry's, and whether they were given credentials. */
  get elsewhere(): readonly (readonly [origin: string, authorized: boolean])[] {
    return this.requests
      .filter(({ url }) => url.origin !== 'https://registry.example')
      .map(({ url, headers }) => [url.origin, headers?.authorization !== undefined])
  }
}

async function collectTags(repository: Repository): Promise<number> {
  let count = 0
  for await (const tag of repository.tags()) count += tag.length > 0 ? 1 : 0
  return count
}

describe('a registry that means harm', () => {
  test('does not lead in a circle of redirects', () => {
    const hop: ScriptedExchange = [
      { method: 'GET', path: /blobs/ },
      { status: 307, headers: { location: `/v2/me/app/blobs/${blob.digest}` } },
    ]
    return withScriptedRegistry(
      Array.from({ length: 11 }, () => hop),
      async ({ repository }) => {
        await expect(repository.fetch(blob)).rejects.toThrow(/redirects/)
      },
    )
  })

  test('is not listed for ever', async () => {
    let page = 0
    const registry = new PublicRegistry(() => ({
      headers: { link: `<?page=${(page += 1)}>; rel="next"` },
      body: '{"tags":[]}',
    }))
    await expect(collectTags(registry.repository)).rejects.toThrow(LimitExceededError)
    expect(page).toBe(10_000)
  })

  test('lists no more tags than anybody has', async () => {
    const body = JSON.stringify({ tags: Array.from({ length: 300_000 }, () => 'a') })
    let page = 0
    const registry = new PublicRegistry(() => ({
      headers: { link: `<?page=${(page += 1)}>; rel="next"` },
      body,
    }))
    await expect(collectTags(registry.repository)).rejects.toThrow(LimitExceededError)
    expect(page).toBe(4)
  })

  test.each([
    'http://elsewhere.example/x',
    'http://registry.example:80/x',
    '//elsewhere.example/x',
    'https://registry.example@elsewhere.example/x',
    'file:///etc/passwd',
  ])('sends no lister on to %s', async (target) => {
    const registry = new PublicRegistry(() => ({
      headers: { link: `<${target}>; rel="next"` },
      body: '{"tags":["a"]}',
    }))
    await expect(collectTags(registry.repository)).rejects.toThrow(UnavailableError)
    expect(registry.elsewhere).toEqual([])
  })

  test.each(['file:///etc/passwd', 'ftp://elsewhere.example/x', 'javascript:alert(1)', 'http://', ''])(
    'gets no upload by way of %j',
    async (location) => {
      const registry = new PublicRegistry(() => ({ status: 202, headers: { location } }))
      const pushing = registry.repository.push(blob, bytesBody(Buffer.from('x')))
      await expect(pushing).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      expect(registry.requests.every(({ url }) => url.origin === 'https://registry.example')).toBe(true)
    },
  )

  test('sends uploads, foreign layers and token requests on only in its own name, and without its credentials', async () => {
    const foreign = {
      ...blob,
      mediaType: mediaTypes.dockerForeignLayer,
      urls: ['http://192.0.2.1/x', 'file:///etc/passwd', 'https://me:pass@elsewhere.example/x'],
    }
    const registry = new PublicRegistry(({ method, url, headers }) => {
      if (url.host === 'token.example') return { body: '{"token":"t"}' }
      if (url.host !== 'registry.example') return { status: 404 }
      if (headers?.authorization === undefined) {
        return { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://token.example/t"' } }
      }
      if (method === 'POST') return { status: 202, headers: { location: 'https://10.0.0.1/upload' } }
      return { status: 404 }
    })
    await expect(registry.repository.push(blob, bytesBody(Buffer.from('x')))).rejects.toThrow(NotFoundError)
    await expect(registry.repository.fetch(foreign)).rejects.toThrow(/does not have it/)
    // The transport judges addresses by whose request it is.
    for (const { onBehalfOf } of registry.requests)
      expect(onBehalfOf?.origin).toBe('https://registry.example')
    const authorized = registry.elsewhere.filter(([, isAuthorized]) => isAuthorized)
    expect(new Set(authorized.map(([origin]) => origin))).toEqual(new Set(['https://token.example']))
    expect(new Set(registry.elsewhere.map(([origin]) => origin))).toEqual(
      new Set(['https://token.example', 'https://10.0.0.1', 'http://192.0.2.1', 'https://elsewhere.example']),
    )
  })

  test.each(['a\r\nx: y', 'a\u0000b', 'a b', 'é', '\u{1f600}'])(
    'gives no token %j that breaks a header, and it is not shown',
    async (token) => {
      const registry = new PublicRegistry(({ url }) =>
        url.pathname === '/t'
          ? { body: JSON.stringify({ token }) }
          : { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://token.example/t"' } },
      )
      const error = await registry.repository.exists(blob).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(UnavailableError)
      expect(String(error)).not.toContain(token)
    },
  )

  test('is not asked for more scopes than fit a header', async () => {
    const scope = Array.from({ length: 500 }, (_, number) => `repository:x${number}:pull`).join(' ')
    const registry = new PublicRegistry(({ url }) =>
      url.host === 'token.example'
        ? { body: '{"token":"t"}' }
        : {
            status: 401,
            headers: { 'www-authenticate': `Bearer realm="https://token.example/t",scope="${scope}"` },
          },
    )
    await expect(registry.repository.exists(blob)).rejects.toThrow(AccessRefusedError)
    const asked = registry.requests.find(({ url }) => url.host === 'token.example')?.url
    expect(asked?.searchParams.getAll('scope')).toHaveLength(9)
    expect(asked?.searchParams.get('scope')).toBe('repository:me/app:pull')
  })

  test.each([403, 401])('does not go on refusing scope by %i for ever', async (status) => {
    const registry = new PublicRegistry(({ url }) => {
      if (url.host === 'token.example') return { body: '{"token":"t"}' }
      const more = `repository:me/app:pull,a${registry.requests.length}`
      return {
        status,
        headers: {
          'www-authenticate': `Bearer realm="https://token.example/t",scope="${more}",error="insufficient_scope"`,
        },
      }
    })
    await expect(registry.repository.exists(blob)).rejects.toThrow(AccessRefusedError)
    expect(registry.requests.length).toBeLessThan(8)
  })

  test.each([
    ['smaller', bytes.length - 1],
    ['larger', bytes.length + 1],
    ['enormous', 1e15],
  ])('is believed no size that is %s than the manifest', (_, length) =>
    withScriptedRegistry(
      [
        [
          { method: 'HEAD', path: /v1$/ },
          {
            headers: {
              'content-type': descriptor.mediaType,
              'docker-content-digest': descriptor.digest,
              'content-length': String(length),
            },
          },
        ],
        [
          { method: 'GET', path: /sha256:/, optional: true },
          { headers: { 'content-type': descriptor.mediaType }, body: bytes },
        ],
      ],
      async ({ repository }) => {
        const resolved = await repository.resolve('v1')
        await expect(fetchBytes(repository, resolved)).rejects.toThrow(/size|bytes/)
      },
    ),
  )

  test('shows no credentials, whatever it answers', async () => {
    for (const status of [400, 401, 403, 404, 418, 429, 500]) {
      const registry = new PublicRegistry(({ headers }) => ({
        status,
        headers: { 'www-authenticate': 'Basic realm="x"' },
        body: JSON.stringify({ errors: [{ code: 'X', message: Object.keys(headers ?? {}).join() }] }),
      }))
      const error = await registry.repository.exists(blob).catch((caught: unknown) => caught)
      const shown =
        error instanceof Error ? `${error.message} ${JSON.stringify(error)} ${error.stack ?? ''}` : ''
      expect(shown).not.toMatch(/hunter2|bWU6aHVudGVyMg/)
    }
  })
})

test('an upload that was sent to another host goes on there, from where its last answer came', async () => {
  const large: Descriptor = { mediaType: 'x/y', digest: digestOf(Buffer.from('01234')), size: 5 }
  const registry = new PublicRegistry(
    ({ method, url }) => {
      if (method === 'POST') return { status: 202, headers: { location: 'https://upload.example/a/1?s=1' } }
      if (method === 'PUT') return { status: 201 }
      return { status: 202, headers: { location: url.pathname === '/a/1' ? '2?s=b%20c' : '/3' } }
    },
    { chunkSize: 3 },
  )
  await registry.repository.push(large, bytesBody(Buffer.from('01234')))
  expect(registry.requests.map(({ method, url }) => `${method} ${url.href}`)).toEqual([
    'POST https://registry.example/v2/me/app/blobs/uploads/',
    'PATCH https://upload.example/a/1?s=1',
    'PATCH https://upload.example/a/2?s=b%20c',
    `PUT https://upload.example/3?digest=${encodeURIComponent(large.digest)}`,
  ])
  expect(registry.elsewhere.some(([, isAuthorized]) => isAuthorized)).toBe(false)
})

test('a path that is a URL leads to no other host', async () => {
  const asked: string[] = []
  const transport = new PublicRegistry(({ url }) => {
    asked.push(url.host)
    return { status: 404 }
  })
  const client = createRegistryClient({ transport })
  for (const path of ['//elsewhere.example/x', 'https://elsewhere.example/x']) {
    await client
      .repository({ domain: 'registry.example', path })
      .exists(blob)
      .catch(() => undefined)
  }
  expect(new Set(asked)).toEqual(new Set(['registry.example']))
})
