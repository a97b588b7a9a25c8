import { Readable } from 'node:stream'
import { base64url, decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startGateServer } from '../../../test/fixtures/gate-server.ts'
import { startServer, type TestServer } from '../../../test/fixtures/http-server.ts'
import { createMemoryRecords } from '../../../test/fixtures/memory-records.ts'
import { type OidcIssuer, startOidcIssuer } from '../../../test/fixtures/oidc-issuer.ts'
import { createTransport, type Transport } from '../../http/index.ts'
import type { AccessRule } from '../server-options.ts'
import { createGate } from './create-gate.ts'
import { createIssuerKeys } from './issuer-keys.ts'
import type { ServerGate } from './server-gate.ts'

const minute = 60_000

let time: number
let issuer: OidcIssuer
let transport: Transport
let gate: ServerGate
let server: TestServer

beforeEach(async () => {
  time = Date.UTC(2026, 4, 4, 12)
  issuer = await startOidcIssuer(() => time)
  transport = createTransport({ tries: 1 })
  const rules: readonly AccessRule[] = [
    {
      repositories: 'org/**',
      workloads: [{ issuer: issuer.url, claims: { sub: 'repo:org/app:*', ref: 'refs/heads/main' } }],
      allow: ['pull', 'push'],
    },
  ]
  gate = await createGate({
    rules,
    issuers: [{ url: issuer.url, audience: 'lading' }],
    transport,
    records: createMemoryRecords(),
    now: () => time,
  })
  server = await startGateServer(gate)
})

afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await gate.close()
  await transport.close()
  await issuer[Symbol.asyncDispose]()
})

const main = { ref: 'refs/heads/main' }

async function push(authorization: string, repository = 'org/app'): Promise<number> {
  const url = new URL(`/v2/${repository}`, server.url)
  const response = await fetch(url, { method: 'PUT', headers: { authorization } })
  await response.arrayBuffer()
  return response.status
}

async function pushWith(token: Promise<string>): Promise<number> {
  return push(`Bearer ${await token}`)
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`token:${password}`).toString('base64')}`
}

describe('a token of an outside issuer', () => {
  test('is taken as Bearer, and as the password of any user', async () => {
    const token = await issuer.token(main)
    expect(await push(`Bearer ${token}`)).toBe(200)
    expect(await push(basic(token))).toBe(200)
    const response = await fetch(new URL('/v2/', server.url), {
      headers: { authorization: `Bearer ${token}` },
    })
    const name = `${issuer.url}#repo:org/app:ref:refs/heads/main`
    expect(await response.json()).toEqual({ name, by: 'workload' })
  })

  test('is changed at /token for one of this registry, which the rules hold to the same claims', async () => {
    const outside = await issuer.token(main)
    const response = await fetch(
      new URL('/token?scope=repository:org/app:*&scope=repository:x:pull', server.url),
      {
        headers: { authorization: basic(outside) },
      },
    )
    const body: unknown = await response.json()
    const token = typeof body === 'object' && body !== null && 'token' in body ? String(body.token) : ''
    expect(await push(`Bearer ${token}`)).toBe(200)
    expect(await push(`Bearer ${token}`, 'org/other')).toBe(401)
    expect(await push(`Bearer ${token}`, 'x')).toBe(403)
  })

  test('may do what rules say for its claims, and no more', async () => {
    expect(await pushWith(issuer.token({ ref: 'refs/heads/other' }))).toBe(403)
    expect(await pushWith(issuer.token())).toBe(403)
    expect(await pushWith(issuer.token({ ...main, sub: 'repo:org/application:x' }))).toBe(403)
    expect(await push(`Bearer ${await issuer.token(main)}`, 'other/app')).toBe(403)
  })

  test.each([
    ['for another audience', { aud: 'https://other.example' }],
    ['for no audience', { aud: undefined }],
    ['that has expired', { exp: 1 }],
    ['that never expires', { exp: undefined }],
    ['whose time has not come', { nbf: Date.UTC(2026, 4, 4, 13) / 1000 }],
    ['of nobody', { sub: undefined }],
    ['of an issuer with another slash', { iss: 'slash' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['whose issuer is no text', { iss: ['x'] }],
  ])('is not taken %s', async (_, claims) => {
    const changed = 'iss' in claims && claims.iss === 'slash' ? { iss: `${issuer.url}/` } : claims
    expect(await pushWith(issuer.token({ ...main, ...changed }))).toBe(401)
  })

  test('is taken for one of several audiences', async () => {
    expect(await pushWith(issuer.token({ ...main, aud: ['other', 'lading'] }))).toBe(200)
  })

  test('is taken half a minute late, for clocks that differ', async () => {
    const token = await issuer.token(main)
    time += 10 * minute + 29_000
    expect(await push(`Bearer ${token}`)).toBe(200)
    time += 2_000
    expect(await push(`Bearer ${token}`)).toBe(401)
  })

  test('is not taken without a signature, or with one by a secret or by a key that it brings along', async () => {
    const token = await issuer.token(main)
    const [, payload = ''] = token.split('.')
    const { kid = '' } = decodeProtectedHeader(token)
    const claims = decodeJwt(token)
    const none = base64url.encode(JSON.stringify({ alg: 'none', kid }))
    expect(await push(`Bearer ${none}.${payload}.`)).toBe(401)

    const secret = Buffer.from('0123456789abcdef0123456789abcdef')
    const symmetric = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(secret)
    expect(await pushWith(symmetric)).toBe(401)

    const stranger = await generateKeyPair('ES256', { extractable: true })
    const jku = `${server.url.origin}/keys`
    const brought = new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid, jku })
      .sign(stranger.privateKey)
    expect(await pushWith(brought)).toBe(401)
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys'])
  })

  test.each(['RS256', 'PS256', 'ES384', 'EdDSA'])('is taken when it is signed with %s', async (algorithm) => {
    await issuer.rotate(algorithm)
    expect(await pushWith(issuer.token(main))).toBe(200)
  })

  test('that is garbage is refused and makes nobody ask the issuer', async () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((json) => base64url.encode(json)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 3, maxLength: 3 }), async (parts) => {
        expect(await push(basic(parts.join('.')))).toBe(401)
      }),
      { numRuns: 50 },
    )
    expect(issuer.asked).toEqual([])
  })
})

describe('the keys of an issuer', () => {
  test('are fetched once for many tokens at once', async () => {
    const tokens = await Promise.all(
      Array.from({ length: 10 }, (_, jti) => issuer.token({ ...main, jti: String(jti) })),
    )
    const answers = await Promise.all(tokens.map((token) => push(`Bearer ${token}`)))
    expect(answers).toEqual(answers.map(() => 200))
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys'])
  })

  test('are fetched again for an id that is unknown, at most once a minute', async () => {
    expect(await pushWith(issuer.token(main))).toBe(200)
    await issuer.rotate()
    expect(await pushWith(issuer.token({ ...main, jti: '1' }))).toBe(401)
    time += minute
    expect(await pushWith(issuer.token({ ...main, jti: '2' }))).toBe(200)
    for (let count = 0; count < 5; count += 1) {
      expect(await pushWith(issuer.token({ ...main, jti: String(count) }, { kid: `unknown-${count}` }))).toBe(
        401,
      )
    }
    expect(issuer.asked).toHaveLength(4)
  })

  test('are fetched again after an hour, so that one that was withdrawn is of no use', async () => {
    const withdrawn = await issuer.token({ ...main, exp: Math.floor(time / 1000) + 7200 })
    expect(await push(`Bearer ${withdrawn}`)).toBe(200)
    await issuer.rotate('ES256', false)
    time += 60 * minute
    expect(await push(`Bearer ${withdrawn}`)).toBe(401)
  })

  test('stay in use while the issuer cannot be asked, for a day', async () => {
    expect(await pushWith(issuer.token(main))).toBe(200)
    issuer.answer = (_, response) => {
      response.writeHead(503).end()
      return true
    }
    time += 2 * 60 * minute
    expect(await pushWith(issuer.token(main))).toBe(200)
    time += 23 * 60 * minute
    expect(await pushWith(issuer.token(main))).toBe(503)
  })

  test('that cannot be had are no refusal, and are asked for again after ten seconds', async () => {
    issuer.answer = (_, response) => {
      response.writeHead(404).end()
      return true
    }
    const token = await issuer.token(main)
    expect(await push(`Bearer ${token}`)).toBe(503)
    expect(await push(`Bearer ${token}`)).toBe(503)
    expect(issuer.asked).toHaveLength(1)
    issuer.answer = () => false
    time += 10_000
    expect(await push(`Bearer ${token}`)).toBe(200)
  })

  test('without an id, of unknown kinds or for nothing that is signed are left out', async () => {
    issuer.change = (document, body) => {
      if (document === 'configuration') return body
      const keys: unknown[] = Array.isArray(body['keys']) ? body['keys'] : []
      const nameless = keys.map((key) => Object.assign({}, key, { kid: undefined }))
      return {
        keys: [{ kty: 'oct', k: 'AAAA', kid: 'key-1' }, { kty: 'XY', kid: 'x' }, ...nameless, ...keys],
      }
    }
    expect(await pushWith(issuer.token(main))).toBe(200)
  })
})

/** CVE-2026-33540: a registry that followed where a document from outside led. */
describe('documents of an issuer', () => {
  let reached: string[]
  let inside: TestServer

  beforeEach(async () => {
    reached = []
    inside = await startServer((request, response) => {
      reached.push(request.url ?? '')
      response.end('{}')
    })
  })

  afterEach(async () => {
    await inside[Symbol.asyncDispose]()
  })

  test('lead nowhere by a redirect', async () => {
    issuer.answer = (_, response) => {
      response.writeHead(302, { location: inside.url.href }).end()
      return true
    }
    expect(await pushWith(issuer.token(main))).toBe(503)
    expect(reached).toEqual([])
  })

  test('of an https issuer lead nowhere by http', async () => {
    const asked: string[] = []
    const configuration = Buffer.from(
      '{"issuer":"https://issuer.example","jwks_uri":"http://issuer.example/keys"}',
    )
    const keys = createIssuerKeys('https://issuer.example', {
      now: () => time,
      transport: {
        async request({ url }) {
          asked.push(url.href)
          return {
            status: 200,
            url,
            header: () => undefined,
            headerValues: () => [],
            body: Readable.from([]),
            bytes: async () => configuration,
            discard: async () => {},
          }
        },
        close: async () => {},
      },
    })
    await expect(keys.find({ alg: 'ES256', kid: 'x' })).rejects.toThrow('the URL of its keys is not https')
    expect(asked).toEqual(['https://issuer.example/.well-known/openid-configuration'])
  })

  test.each([
    ['another scheme', 'file:///etc/passwd'],
    ['no URL', 'keys'],
  ])('lead nowhere by %s', async (_, jwks_uri) => {
    issuer.change = (document, body) => (document === 'configuration' ? { ...body, jwks_uri } : body)
    expect(await pushWith(issuer.token(main))).toBe(503)
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration'])
  })

  test.each([
    ['name another issuer', { issuer: 'https://issuer.example' }],
    ['name an issuer with one more slash', { issuer: 'slash' }],
    ['name no issuer', { issuer: undefined }],
    ['name no keys', { jwks_uri: undefined }],
  ])('are not taken when they %s', async (_, change) => {
    const changed = 'issuer' in change && change.issuer === 'slash' ? { issuer: `${issuer.url}/` } : change
    issuer.change = (document, body) => (document === 'configuration' ? { ...body, ...changed } : body)
    expect(await pushWith(issuer.token(main))).toBe(503)
  })

  test('are not read beyond a bound', async () => {
    let sent = 0
    issuer.answer = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 64 * 1024 * 1024) {
          sent += 65_536
          if (!response.write(Buffer.alloc(65_536, 32))) return
        }
        response.end()
      }
      response.on('drain', more)
      more()
      return true
    }
    expect(await pushWith(issuer.token(main))).toBe(503)
    expect(sent).toBeLessThan(32 * 1024 * 1024)
  })

  test('with keys without end are not taken', async () => {
    issuer.change = (document, body) =>
      document === 'configuration'
        ? body
        : { keys: Array.from({ length: 201 }, (_, kid) => ({ kty: 'RSA', kid })) }
    expect(await pushWith(issuer.token(main))).toBe(503)
  })

  test('of an issuer on the internet lead to no address inside', async () => {
    await gate.close()
    const publicIssuer = 'https://issuer.example'
    const asked: string[] = []
    const outside: Transport = {
      async request(request) {
        asked.push(request.url.href)
        expect([request.redirect, request.onBehalfOf?.href]).toEqual(['manual', `${publicIssuer}/`])
        if (request.url.host === 'issuer.example') {
          const body = JSON.stringify({
            issuer: publicIssuer,
            jwks_uri: inside.url.href.replace('http:', 'https:'),
          })
          const local = await startServer((_, response) => void response.end(body))
          try {
            const answer = await transport.request({ method: 'GET', url: local.url })
            const bytes = await answer.bytes(10_000)
            return { ...answer, status: 200, bytes: async () => bytes, discard: async () => {} }
          } finally {
            await local[Symbol.asyncDispose]()
          }
        }
        return guarded.request(request)
      },
      close: async () => {},
    }
    const guarded = createTransport(
      { tries: 1 },
      { lookup: (_, __, done) => done(null, [{ address: '8.8.8.8', family: 4 }]) },
    )
    const own = await createGate({
      rules: [],
      issuers: [{ url: publicIssuer, audience: 'lading' }],
      transport: outside,
      records: createMemoryRecords(),
      now: () => time,
    })
    try {
      const token = await issuer.token({ ...main, iss: publicIssuer })
      const identity = own.identify({ headers: { authorization: `Bearer ${token}` }, remoteAddress: '' })
      await expect(identity).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        cause: { cause: { name: 'HttpRefusedError' } },
      })
      expect(asked).toHaveLength(2)
      expect([reached, inside.connections()]).toEqual([[], 0])
    } finally {
      await own.close()
      await guarded.close()
    }
  })
})
