import { describe, expect, test } from 'vitest'
import { withScriptedRegistry } from '../../test/fixtures/scripted-registry.ts'
import type { ScriptedAnswer, ScriptedExchange } from '../../test/fixtures/scripted-server.ts'
import {
  AccessRefusedError,
  NotFoundError,
  RateLimitedError,
  UnavailableError,
  UnsupportedError,
} from '../content/index.ts'
import { digestOf } from '../oci/index.ts'

const blob = { mediaType: 'x/y', digest: digestOf(Buffer.from('x')), size: 1 }
const get = (answer: ScriptedAnswer): ScriptedExchange => [{ method: 'GET', path: /blobs/ }, answer]
const errors = (code: string, message = ''): string => JSON.stringify({ errors: [{ code, message }] })

describe('an answer that tells of an error', () => {
  test.each<[ScriptedAnswer, new (...parts: never[]) => Error, RegExp]>([
    [
      { status: 404, body: errors('BLOB_UNKNOWN', 'not here') },
      NotFoundError,
      /does not have it \(BLOB_UNKNOWN: not here\)$/,
    ],
    [{ status: 404, body: errors('NAME_UNKNOWN') }, NotFoundError, /knows no such repository/],
    [{ status: 403, body: errors('DENIED', 'no') }, AccessRefusedError, /refuses access.*\(DENIED: no\)/],
    [{ status: 405 }, UnsupportedError, /does not support it/],
    [{ status: 400, body: errors('UNSUPPORTED') }, UnsupportedError, /does not support it/],
    [{ status: 403, body: errors('TOOMANYREQUESTS', 'slow down') }, RateLimitedError, /limits the rate/],
    [{ status: 400, body: '<html><b>nginx' }, UnavailableError, /answered with status 400$/],
    [{ status: 400, body: 'plain words' }, UnavailableError, /status 400 \(plain words\)$/],
    [{ status: 400, body: '{"errors":[{"code":7,"message":"x"}]}' }, UnavailableError, /status 400 \(x\)$/],
    [{ status: 400, body: '{"error":"x"}' }, UnavailableError, /status 400$/],
    [{ status: 400, body: errors('X', 'y'.repeat(2000)) }, UnavailableError, /\(X: y{297}…\)$/],
    [{ status: 400, body: errors('X', '\u001b[2Ja\r\nb\u202ec') }, UnavailableError, /\(X: \[2Ja b c\)$/],
    [{ status: 400, body: Buffer.alloc(100_000, 'x') }, UnavailableError, /status 400$/],
  ])('%# is worded by its status', (answer, kind, message) =>
    withScriptedRegistry([get(answer)], async ({ repository }) => {
      const error = await repository.fetch(blob).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(kind)
      expect(error).toHaveProperty('message')
      expect(error instanceof Error && error.message).toMatch(message)
    }),
  )

  test('is a rate limit that says how long, when patience runs out', () =>
    withScriptedRegistry(
      [get({ status: 429, headers: { 'retry-after': '4000' } })],
      async ({ repository }) => {
        const error = await repository.fetch(blob).catch((caught: unknown) => caught)
        expect(error).toBeInstanceOf(RateLimitedError)
        expect(error).toMatchObject({ retryAfter: 4000 })
        expect(String(error)).toContain('it asks to wait 4000 s')
      },
    ))
})

const head = (answer: ScriptedAnswer): ScriptedExchange => [
  { method: 'HEAD', path: '/v2/me/app/manifests/latest' },
  answer,
]

describe('rateLimit()', () => {
  test('reads what a HEAD says', () =>
    withScriptedRegistry(
      [
        head({
          headers: {
            'ratelimit-limit': '100;w=21600',
            'ratelimit-remaining': '76;w=21600',
            'docker-ratelimit-source': '192.0.2.1',
          },
        }),
      ],
      async ({ repository }) => {
        expect(await repository.rateLimit('latest')).toEqual({
          limit: 100,
          remaining: 76,
          windowSeconds: 21600,
          source: '192.0.2.1',
        })
      },
    ))

  test('is unknown where the registry does not tell', () =>
    withScriptedRegistry([head({ headers: { 'ratelimit-limit': 'many' } })], async ({ repository }) => {
      expect(await repository.rateLimit('latest')).toBeUndefined()
    }))

  test('rejects when the name is not there', () =>
    withScriptedRegistry([head({ status: 404 })], async ({ repository }) => {
      await expect(repository.rateLimit('latest')).rejects.toThrow(NotFoundError)
    }))
})

const ping = (answer: ScriptedAnswer): ScriptedExchange => [{ method: 'GET', path: '/v2/' }, answer]

describe('checkCredentials()', () => {
  const me = { username: 'me', password: 'secret' }
  const basic = { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
  const bearer = { status: 401, headers: { 'www-authenticate': 'Bearer realm="{origin}/token",service="s"' } }

  test('says that a registry takes them', () =>
    withScriptedRegistry([ping(basic), ping({})], async ({ client, server }) => {
      expect(await client.checkCredentials(server.host, me)).toBe('accepted')
    }))

  test('says that a token server takes them', () =>
    withScriptedRegistry(
      [
        ping(bearer),
        [{ method: 'GET', path: '/token?service=s&account=me' }, { body: '{"token":"t"}' }],
        ping({}),
      ],
      async ({ client, server }) => expect(await client.checkCredentials(server.host, me)).toBe('accepted'),
    ))

  test('says that nobody asks for them', () =>
    withScriptedRegistry([ping({})], async ({ client, server }) => {
      expect(await client.checkCredentials(server.host, me)).toBe('not-asked')
    }))

  test('rejects when they are refused', () =>
    withScriptedRegistry([ping(basic), ping(basic)], async ({ client, server }) => {
      await expect(client.checkCredentials(server.host, me)).rejects.toThrow(AccessRefusedError)
    }))

  test('rejects when there is no registry', () =>
    withScriptedRegistry([ping({ status: 404 })], async ({ client, server }) => {
      await expect(client.checkCredentials(server.host, me)).rejects.toThrow(NotFoundError)
    }))
})
