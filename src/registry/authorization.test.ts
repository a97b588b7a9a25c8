/* oxlint-disable vitest/expect-expect -- withScriptedRegistry() expects the requests of its script */
import { describe, expect, test } from 'vitest'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import type { ScriptedExchange } from '../../test/fixtures/scripted-server.ts'
import { AccessRefusedError, bytesBody, UnavailableError } from '../content/index.ts'
import { type Descriptor, digestOf } from '../oci/index.ts'
import { Authorizer } from './authorizer.ts'
import { parseChallenges } from './challenge.ts'
import type { RegistryClientOptions } from './options.ts'

const bytes = Buffer.from('a layer')
const blob: Descriptor = {
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
  digest: digestOf(bytes),
  size: bytes.length,
}
const path = `/v2/me/app/blobs/${blob.digest}`
const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`
const bearer = 'Bearer realm="{origin}/token",service="the-service"'

function challenged(
  challenge: string | readonly string[] | undefined = bearer,
  status = 401,
): ScriptedExchange {
  return [
    { method: 'HEAD', path, headers: { authorization: null } },
    { status, headers: challenge === undefined ? {} : { 'www-authenticate': challenge } },
  ]
}

function answered(authorization: string | null, status = 200): ScriptedExchange {
  return [{ method: 'HEAD', path, headers: { authorization } }, { status }]
}

function token(
  query: RegExp,
  body: unknown,
  headers: Record<string, string | null> = {},
  status = 200,
): ScriptedExchange {
  return [
    { method: 'GET', path: query, headers },
    { status, body: JSON.stringify(body) },
  ]
}

const asMe = (host: string): RegistryClientOptions => ({
  credentials: { [host]: { username: 'me', password: 'secret' } },
})

describe('a challenge', () => {
  test('is answered by a token for the repository, asked for without credentials', () =>
    withScriptedRegistry(
      [
        challenged(),
        token(
          /^\/token\?service=the-service&scope=repository%3Ame%2Fapp%3Apull$/,
          { token: 't1' },
          { authorization: null },
        ),
        answered('Bearer t1'),
      ],
      async ({ repository }) => expect(await repository.exists(blob)).toBe(true),
    ))

  test('may be among others that are skipped', () =>
    withScriptedRegistry(
      [
        challenged(['Negotiate', `Digest realm="x", ${bearer}`]),
        token(/^\/token/, { access_token: 't1' }),
        answered('Bearer t1'),
      ],
      async ({ repository }) => expect(await repository.exists(blob)).toBe(true),
    ))

  test('for Basic is answered with credentials, which go along from then on', () =>
    withScriptedRegistry(
      [challenged('Basic realm="x"'), answered(basic), answered(basic)],
      async ({ repository }) => {
        await repository.exists(blob)
        await repository.exists(blob)
      },
      { client: asMe },
    ))

  test('without a word sends to the ping, once', () =>
    withScriptedRegistry(
      [
        [{ method: 'HEAD', path }, { status: 401 }],
        [
          { method: 'GET', path: '/v2/' },
          { status: 401, headers: { 'www-authenticate': bearer } },
        ],
        token(/^\/token/, { token: 't1', expires_in: 60 }),
        answered('Bearer t1'),
        answered('Bearer t1'),
      ],
      async ({ repository }) => {
        await repository.exists(blob)
        await repository.exists(blob)
      },
    ))

  test('may come as 403 with insufficient_scope, and the scope it names is asked for besides', () =>
    withScriptedRegistry(
      [
        challenged(),
        token(/scope=repository%3Ame%2Fapp%3Apull$/, { token: 't1' }),
        [
          { method: 'HEAD', path, headers: { authorization: 'Bearer t1' } },
          {
            status: 403,
            headers: {
              'www-authenticate': `${bearer},error="insufficient_scope",scope="repository:other:pull"`,
            },
          },
        ],
        token(/scope=repository%3Ame%2Fapp%3Apull&scope=repository%3Aother%3Apull$/, { token: 't2' }),
        answered('Bearer t2'),
      ],
      async ({ repository }) => expect(await repository.exists(blob)).toBe(true),
    ))

  test('that comes again ends in an error, not in a circle', () =>
    withScriptedRegistry(
      [
        challenged(),
        token(/^\/token/, { token: 't1' }),
        [
          { method: 'HEAD', path },
          { status: 401, headers: { 'www-authenticate': bearer } },
        ],
      ],
      async ({ repository }) => {
        await expect(repository.exists(blob)).rejects.toThrow(/there are no credentials stored for 127/)
      },
    ))

  test('leads to a look at the ping when a stranger is told 404 and there are credentials', () =>
    withScriptedRegistry(
      [
        answered(null, 404),
        [
          { method: 'GET', path: '/v2/' },
          { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
        ],
        answered(basic),
      ],
      async ({ repository }) => expect(await repository.exists(blob)).toBe(true),
      { client: asMe },
    ))
})

describe('a token', () => {
  test('is asked for with credentials where there are some', () =>
    withScriptedRegistry(
      [challenged(), token(/account=me/, { token: 't1' }, { authorization: basic }), answered('Bearer t1')],
      async ({ repository }) => expect(await repository.exists(blob)).toBe(true),
      { client: asMe },
    ))

  test('lives for 60 s at least, and is renewed before its end', () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    return withScriptedRegistry(
      [
        challenged(),
        token(/^\/token/, { token: 't1', expires_in: 5 }),
        answered('Bearer t1'),
        answered('Bearer t1'),
        token(/^\/token/, { token: 't2', expires_in: 300, issued_at: '2026-01-01T00:00:55Z' }),
        answered('Bearer t2'),
        answered('Bearer t2'),
      ],
      async ({ repository }) => {
        await repository.exists(blob)
        now += 40_000
        await repository.exists(blob)
        now += 15_000
        await repository.exists(blob)
        now += 200_000
        await repository.exists(blob)
      },
      { client: () => ({ now: () => now }) },
    )
  })

  test('that was issued a while ago ends the sooner', () => {
    let now = Date.parse('2026-01-01T01:00:00Z')
    return withScriptedRegistry(
      [
        challenged(),
        token(/^\/token/, { token: 't1', expires_in: 300, issued_at: '2026-01-01T00:56:40Z' }),
        answered('Bearer t1'),
        answered('Bearer t1'),
        token(/^\/token/, { token: 't2' }),
        answered('Bearer t2'),
      ],
      async ({ repository }) => {
        await repository.exists(blob)
        now += 70_000
        await repository.exists(blob)
        now += 20_000
        await repository.exists(blob)
      },
      { client: () => ({ now: () => now }) },
    )
  })

  test('that is refused in the middle of a push is renewed, and the body sent again', () =>
    withScriptedRegistry(
      [
        [
          { method: 'POST', path: '/v2/me/app/blobs/uploads/' },
          { status: 401, headers: { 'www-authenticate': bearer } },
        ],
        token(/scope=repository%3Ame%2Fapp%3Apull%2Cpush$/, { token: 't1' }),
        [
          { method: 'POST', path: '/v2/me/app/blobs/uploads/', headers: { authorization: 'Bearer t1' } },
          { status: 202, headers: { location: '/v2/me/app/blobs/uploads/1' } },
        ],
        [
          {
            method: 'PUT',
            path: /^\/v2\/me\/app\/blobs\/uploads\/1/,
            headers: { authorization: 'Bearer t1' },
            body: bytes,
          },
          { status: 401, headers: { 'www-authenticate': bearer } },
        ],
        token(/^\/token/, { token: 't2' }),
        [
          {
            method: 'PUT',
            path: /^\/v2\/me\/app\/blobs\/uploads\/1/,
            headers: { authorization: 'Bearer t2' },
            body: bytes,
          },
          { status: 201 },
        ],
      ],
      ({ repository }) => repository.push(blob, bytesBody(bytes)),
    ))

  test('of another repository is not used, and one for pushing also pulls', () =>
    withScriptedRegistry(
      [
        [
          { method: 'POST', path: '/v2/me/app/blobs/uploads/' },
          { status: 401, headers: { 'www-authenticate': bearer } },
        ],
        token(/me%2Fapp%3Apull%2Cpush/, { token: 't1' }),
        [{ method: 'POST', path: '/v2/me/app/blobs/uploads/' }, { status: 201 }],
        answered('Bearer t1'),
        token(/me%2Fother%3Apull$/, { token: 't2' }),
        [{ method: 'HEAD', path: /other/, headers: { authorization: 'Bearer t2' } }, {}],
      ],
      async ({ repository, client, server }) => {
        await repository.push(blob, bytesBody(bytes))
        await repository.exists(blob)
        await client.repository({ domain: server.host, path: 'me/other' }).exists(blob)
      },
    ))

  test('for pushing is asked for with the first read, where pushes are expected', () =>
    withScriptedRegistry(
      [
        challenged(),
        token(/^\/token\?service=the-service&scope=repository%3Ame%2Fapp%3Apull%2Cpush$/, { token: 't1' }),
        answered('Bearer t1', 404),
        [{ method: 'POST', path: /uploads/, headers: { authorization: 'Bearer t1' } }, { status: 201 }],
      ],
      async ({ repository }) => {
        repository.expectPushes()
        await repository.exists(blob)
        await repository.push(blob, bytesBody(bytes))
      },
    ))

  test('for reading alone is asked for where that for pushing is refused', () =>
    withScriptedRegistry(
      [
        challenged(),
        token(/pull%2Cpush$/, {}, {}, 403),
        token(/pull$/, { token: 't2' }),
        answered('Bearer t2'),
        answered('Bearer t2'),
      ],
      async ({ repository }) => {
        repository.expectPushes()
        expect(await repository.exists(blob)).toBe(true)
        expect(await repository.exists(blob)).toBe(true)
      },
    ))

  test('of the configuration is sent as it is', () =>
    withScriptedRegistry(
      [challenged(), answered('Bearer given')],
      async ({ repository }) => expect(await repository.exists(blob)).toBe(true),
      { client: (host) => ({ credentials: { [host]: { registryToken: 'given' } } }) },
    ))

  test('of an answer without one is an error', () =>
    withScriptedRegistry([challenged(), token(/^\/token/, { expires_in: 60 })], async ({ repository }) => {
      await expect(repository.exists(blob)).rejects.toThrow(/answered without a token/)
    }))
})

const withIdentity = (host: string): RegistryClientOptions => ({
  credentials: { [host]: { username: 'me', identityToken: 'id1' } },
})
const post = (refreshToken: string): ScriptedExchange[0] => ({
  method: 'POST',
  path: '/token',
  headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: null },
  body: `grant_type=refresh_token&client_id=lading&refresh_token=${refreshToken}&service=the-service&scope=repository%3Ame%2Fapp%3Apull`,
})

describe('an identity token', () => {
  test('goes by POST, and a refresh token that comes back takes its place', () => {
    let now = 0
    return withScriptedRegistry(
      [
        challenged(),
        [post('id1'), { body: JSON.stringify({ access_token: 't1', refresh_token: 'id2' }) }],
        answered('Bearer t1'),
        [post('id2'), { body: JSON.stringify({ access_token: 't2' }) }],
        answered('Bearer t2'),
      ],
      async ({ repository }) => {
        await repository.exists(blob)
        now += 100_000
        await repository.exists(blob)
      },
      { client: (host) => ({ ...withIdentity(host), now: () => now }) },
    )
  })

  test.each([404, 405])('falls back to GET where POST is answered by %i', (status) =>
    withScriptedRegistry(
      [
        challenged(),
        [{ method: 'POST', path: '/token' }, { status }],
        token(
          /account=me/,
          { token: 't1' },
          { authorization: `Basic ${Buffer.from('me:id1').toString('base64')}` },
        ),
        answered('Bearer t1'),
      ],
      async ({ repository }) => expect(await repository.exists(blob)).toBe(true),
      { client: withIdentity },
    ),
  )
})

const broken = (): RegistryClientOptions => ({
  environment: { DOCKER_AUTH_CONFIG: '{', HOME: '/nonexistent' },
})

describe('credentials that cannot be had', () => {
  test('are no trouble where nobody asks for them', () =>
    withScriptedRegistry(
      [answered(null, 404)],
      async ({ repository }) => expect(await repository.exists(blob)).toBe(false),
      { client: broken },
    ))

  test('are an error where they are asked for', () =>
    withScriptedRegistry(
      [challenged('Basic realm="x"')],
      async ({ repository }) => {
        await expect(repository.exists(blob)).rejects.toThrow(/DOCKER_AUTH_CONFIG: it is not JSON/)
      },
      { client: broken },
    ))
})

describe('refused access', () => {
  test('without credentials says so, and how to log in', () =>
    withScriptedRegistry([challenged('Basic realm="x"')], async ({ repository, server }) => {
      const error = await repository.exists(blob).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(AccessRefusedError)
      expect(error).toMatchObject({ code: 'UNAUTHORIZED' })
      expect(String(error)).toContain(`no credentials stored for ${server.host}`)
      expect(error instanceof AccessRefusedError && error.hint).toContain(`lading login ${server.host}`)
    }))

  test('with wrong credentials names where they come from, and never them', () =>
    withScriptedRegistry(
      [
        challenged(),
        [
          { method: 'GET', path: /^\/token/ },
          { status: 401, body: '{"errors":[{"code":"UNAUTHORIZED","message":"bad password"}]}' },
        ],
      ],
      async ({ repository, server }) => {
        const error = await repository.exists(blob).catch((caught: unknown) => caught)
        expect(error).toMatchObject({ code: 'UNAUTHORIZED' })
        expect(String(error)).toContain(
          `the credentials for ${server.host} (from a test) were refused (UNAUTHORIZED: bad password)`,
        )
        expect(String(error)).not.toContain('secret')
      },
      {
        client: (host) => ({
          credentials: { [host]: { username: 'me', password: 'secret', source: 'a test' } },
        }),
      },
    ))

  test('by rights is told from wrong credentials', () =>
    withScriptedRegistry(
      [challenged('Basic realm="x"'), answered(basic, 403)],
      async ({ repository }) => {
        const error = await repository.exists(blob).catch((caught: unknown) => caught)
        expect(error).toMatchObject({ code: 'DENIED' })
        expect(String(error)).toContain('do not allow it')
      },
      { client: asMe },
    ))

  test('by a token server that answers something else than a refusal is that something', () =>
    withScriptedRegistry(
      [
        challenged(),
        [{ method: 'GET', path: /^\/token/ }, { status: 404 }],
        [{ method: 'GET', path: /^\/token/ }, { status: 404 }],
      ],
      async ({ repository }) => {
        await expect(repository.exists(blob)).rejects.toThrow(/the token server .* answered with status 404/)
        await expect(repository.exists(blob)).rejects.toThrow(UnavailableError)
      },
    ))
})

describe('a realm', () => {
  test('by plain http for a registry by https gets no credentials', async () => {
    const never = { request: () => Promise.reject(new Error('was asked')), close: async () => undefined }
    const authorizer = new Authorizer({
      transport: never,
      registry: 'registry.example',
      credentials: async () => ({ username: 'me', password: 'secret', source: 'a test' }),
      now: () => 0,
    })
    const request = {
      base: new URL('https://registry.example/v2/'),
      repository: 'x',
      scopes: [],
      signal: undefined,
    }
    for (const realm of ['http://registry.example/token', 'http://127.0.0.1/token', 'file:///etc/passwd']) {
      const challenges = parseChallenges([`Bearer realm="${realm}"`])
      await expect(authorizer.answer(request, challenges, undefined)).rejects.toThrow(
        /credentials must not go to/,
      )
    }
  })

  test('that is no URL gets no credentials', () =>
    withScriptedRegistry(
      [challenged('Bearer realm="nowhere"')],
      async ({ repository }) => {
        await expect(repository.exists(blob)).rejects.toThrow(/which is not a URL/)
      },
      { client: asMe },
    ))

  test('by plain http on another host gets no credentials', () =>
    withScriptedRegistry(
      [challenged('Bearer realm="http://token.example/",service="x"')],
      async ({ repository }) => {
        await expect(repository.exists(blob)).rejects.toThrow(
          /credentials must not go to \(http:\/\/token\.example\/\)/,
        )
      },
      { client: asMe },
    ))
})
