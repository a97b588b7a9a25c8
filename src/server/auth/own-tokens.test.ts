import {
  base64url,
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWTHeaderParameters,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { createMemoryRecords } from '../../../test/fixtures/memory-records.ts'
import { parseRepositoryName } from '../repository-name.ts'
import { createOwnTokens, type OwnTokens } from './own-tokens.ts'
import type { Scope } from './scope.ts'
import { anonymous, type Subject } from './subject.ts'
import { createTokenKeys, type TokenKeys } from './token-keys.ts'

const service = 'localhost:5000'
const alice: Subject = { kind: 'user', name: 'alice' }
const scopes: readonly Scope[] = [
  { type: 'repository', name: parseRepositoryName('team/app'), actions: ['pull', 'push'] },
]

let time: number
let keys: TokenKeys
let tokens: OwnTokens

beforeEach(() => {
  time = Date.UTC(2026, 4, 4, 12)
  keys = createTokenKeys({ records: createMemoryRecords(), now: () => time, graceMilliseconds: 300_000 })
  tokens = createOwnTokens({ keys, now: () => time, lifetimeSeconds: 300 })
})

describe('createOwnTokens()', () => {
  test.each<Subject>([
    anonymous,
    alice,
    { kind: 'workload', issuer: 'https://issuer.example', name: 'repo:x', claims: { ref: ['a', 'b'] } },
  ])('a token of somebody $kind says what it was made for', async (subject) => {
    const { token, lifetimeSeconds, issuedAt } = await tokens.issue(subject, scopes, service)
    expect(lifetimeSeconds).toBe(300)
    expect(issuedAt).toBe(time)
    expect(await tokens.verify(token, service)).toEqual({ subject, scopes, expiresAt: time + 300_000 })
  })

  test('has the claims that the specification of tokens names', async () => {
    const { token } = await tokens.issue(alice, scopes, service)
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'ES256',
      typ: 'JWT',
      kid: (await keys.current()).kid,
    })
    const seconds = time / 1000
    expect(decodeJwt(token).jti).toMatch(/^[0-9a-f-]{36}$/)
    expect(decodeJwt(token)).toMatchObject({
      iss: service,
      aud: service,
      sub: 'alice',
      iat: seconds,
      nbf: seconds,
      exp: seconds + 300,
      access: [{ type: 'repository', name: 'team/app', actions: ['pull', 'push'] }],
    })
  })

  test('is good from when it was made until it expires, and five seconds for clocks that differ', async () => {
    const { token } = await tokens.issue(alice, scopes, service)
    const made = time
    for (const [offset, good] of [
      [-6000, false],
      [-4000, true],
      [304_000, true],
      [306_000, false],
    ] as const) {
      time = made + offset
      expect([offset, (await tokens.verify(token, service)) !== undefined]).toEqual([offset, good])
    }
  })

  test('is good for one host', async () => {
    const { token } = await tokens.issue(alice, scopes, service)
    expect(await tokens.verify(token, 'other.example')).toBeUndefined()
  })

  /** All but the last one, which carries bits that say nothing. */
  test('is not good once a sign of it was changed', async () => {
    const { token } = await tokens.issue(alice, scopes, service)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 2),
        fc.constantFrom('A', 'z', '0', '_', '.'),
        async (place, sign) => {
          fc.pre(token[place] !== sign)
          const changed = token.slice(0, place) + sign + token.slice(place + 1)
          expect(await tokens.verify(changed, service)).toBeUndefined()
        },
      ),
    )
  })

  test('whatever else is shown is no token, and no error', async () => {
    const part = fc.oneof(
      fc.string(),
      fc.json().map((json) => base64url.encode(json)),
      fc.constant(base64url.encode('{"alg":"ES256","kid":"20577","typ":"JWT"}')),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        expect(await tokens.verify(parts.join('.'), service)).toBeUndefined()
      }),
    )
  })
})

/** CVE-2025-24976: a registry that took the key of a token from the token. */
describe('a token with a key that it brings along', () => {
  let own: CryptoKey
  let stranger: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
  let kid: string

  beforeEach(async () => {
    const current = await keys.current()
    own = current.privateKey
    kid = current.kid
    stranger = await generateKeyPair('ES256', { extractable: true })
  })

  test('is a good one where the key is the own one, which shows that the others fail for their keys', async () => {
    const token = await claims().setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid }).sign(own)
    expect(await tokens.verify(token, service)).toBeDefined()
  })

  test.each([
    ['the own id', {}],
    ['a key', { jwk: {} }],
    ['the URL of a key set', { jku: 'http://127.0.0.1:1/keys' }],
    ['a chain of certificates', { x5c: ['MIIB'] }],
    ['the URL of certificates', { x5u: 'http://127.0.0.1:1/x' }],
    ['an id that is a path', { kid: '../../etc/passwd' }],
    ['an id that is a URL', { kid: 'http://127.0.0.1:1/key' }],
    ['an empty id', { kid: '' }],
  ])('is not good with %s', async (_, brought) => {
    const header: JWTHeaderParameters = { alg: 'ES256', typ: 'JWT', kid, ...brought }
    if ('jwk' in brought) header.jwk = await exportJWK(stranger.publicKey)
    const token = await claims().setProtectedHeader(header).sign(stranger.privateKey)
    expect(await tokens.verify(token, service)).toBeUndefined()
  })

  test('is not good when it is not signed', async () => {
    const signed = await claims().setProtectedHeader({ alg: 'ES256', kid }).sign(own)
    const token = new UnsecuredJWT(decodeJwt(signed)).encode()
    expect(await tokens.verify(token, service)).toBeUndefined()
  })

  test('is not good when the public key is taken for a secret', async () => {
    const key = await keys.find(kid)
    if (key === undefined) throw new Error('there is no key')
    const secret = Buffer.from(JSON.stringify(await exportJWK(key)))
    const token = await claims().setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid }).sign(secret)
    expect(await tokens.verify(token, service)).toBeUndefined()
  })

  test.each(['iss', 'aud', 'exp', 'nbf', 'jti', 'access', 'subject'])(
    'is not good without %s',
    async (name) => {
      const whole = decodeJwt(await claims().setProtectedHeader({ alg: 'ES256', kid }).sign(own))
      const { [name]: _, ...rest } = whole
      const token = await new SignJWT(rest).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid }).sign(own)
      expect(await tokens.verify(token, service)).toBeUndefined()
    },
  )
})

function claims(): SignJWT {
  const seconds = Math.floor(time / 1000)
  return new SignJWT({
    access: [{ type: 'repository', name: 'team/app', actions: ['pull', 'push', 'delete'] }],
    subject: { kind: 'user' },
  })
    .setIssuer(service)
    .setAudience(service)
    .setSubject('alice')
    .setJti('x')
    .setNotBefore(seconds)
    .setExpirationTime(seconds + 300)
}
