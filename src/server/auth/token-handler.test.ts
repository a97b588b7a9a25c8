import { request as httpRequest } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateServer } from '../../../test/fixtures/gate-server.ts'
import type { TestServer } from '../../../test/fixtures/http-server.ts'
import { createMemoryRecords } from '../../../test/fixtures/memory-records.ts'
import { createGate } from './create-gate.ts'
import type { ServerGate } from './server-gate.ts'

/** The hash of `secret`, cost 4. */
const hash = '$2b$04$O0PyI7JyDCdZ2knJRkBOquplC2RtW1PR7/F3TOQodZrakjxNT3G66'
const now = Date.UTC(2026, 4, 4, 12)

let folder: string
let gate: ServerGate
let server: TestServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-token-'))
  const htpasswdFile = join(folder, 'users')
  await writeFile(htpasswdFile, `alice:${hash}\n`)
  gate = await createGate({ htpasswdFile, records: createMemoryRecords(), now: () => now })
  server = await startGateServer(gate)
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await gate.close()
  await rm(folder, { recursive: true, force: true })
})

const alice = { authorization: `Basic ${Buffer.from('alice:secret').toString('base64')}` }

async function get(query: string, headers: Readonly<Record<string, string>> = alice): Promise<Response> {
  return fetch(new URL(`/token?${query}`, server.url), { headers })
}

async function post(
  form: Readonly<Record<string, string>> | string,
  contentType?: string,
): Promise<Response> {
  return fetch(new URL('/token', server.url), {
    method: 'POST',
    body: typeof form === 'string' ? form : new URLSearchParams(form),
    ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
  })
}

async function accessOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json()
  expect(response.status).toBe(200)
  return typeof body === 'object' && body !== null && 'token' in body
    ? decodeJwt(String(body.token))['access']
    : undefined
}

describe('GET /token', () => {
  test('answers as the specification of tokens has it', async () => {
    const response = await get('scope=repository:a:pull')
    const text = await response.text()
    const token = /"token":"(eyJ[^"]+)"/.exec(text)?.[1]
    expect(JSON.parse(text)).toEqual({
      token,
      access_token: token,
      expires_in: 300,
      issued_at: '2026-05-04T12:00:00.000Z',
    })
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-type')).toBe('application/json')
  })

  test.each([
    ['none', '', []],
    ['one', 'scope=repository:a:pull', [['a', 'pull']]],
    [
      'several',
      'scope=repository:a:pull&scope=repository:b:push',
      [
        ['a', 'pull'],
        ['b', 'push'],
      ],
    ],
    [
      'several with spaces between',
      'scope=repository:a:pull%20repository:b:push',
      [
        ['a', 'pull'],
        ['b', 'push'],
      ],
    ],
    ['one repository twice', 'scope=repository:a:pull&scope=repository:a:push', [['a', 'pull,push']]],
    ['what is none', 'scope=nonsense&scope=repository:A:pull&scope=repository:a:pull', [['a', 'pull']]],
    ['one for every action', 'scope=repository:a:*', [['a', 'pull,push,delete']]],
  ])('scopes: %s', async (_, query, expected) => {
    const access = expected.map(([name, actions = '']) => ({
      type: 'repository',
      name,
      actions: actions.split(','),
    }))
    expect(await accessOf(await get(query))).toEqual(access)
  })

  test('gives a token that is good for nothing to who may nothing', async () => {
    expect(await accessOf(await get('scope=repository:a:pull', {}))).toEqual([])
  })

  test('refuses another service', async () => {
    expect((await get('service=other.example')).status).toBe(400)
    expect((await get(`service=${server.url.host.toUpperCase()}`)).status).toBe(200)
  })

  test('refuses scopes without end', async () => {
    const many = Array.from({ length: 65 }, (_, index) => `scope=repository:a${index}:pull`).join('&')
    expect((await get(many)).status).toBe(400)
    const long = Array.from(
      { length: 20 },
      (_, index) => `scope=repository:${'a'.repeat(200)}${index}:pull`,
    ).join('&')
    expect((await get(long)).status).toBe(400)
  })

  test('refuses other methods, and names those that there are', async () => {
    const response = await fetch(new URL('/token', server.url), { method: 'PUT' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
  })

  test('HEAD has no body', async () => {
    const response = await fetch(new URL('/token', server.url), { method: 'HEAD', headers: alice })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  test('has an answer for every query', async () => {
    const noise = fc.oneof(fc.string({ unit: 'grapheme' }), fc.webQueryParameters())
    await fc.assert(
      fc.asyncProperty(noise, async (query) => {
        const response = await get(query)
        await response.arrayBuffer()
        expect([200, 400]).toContain(response.status)
      }),
      { numRuns: 50 },
    )
  })
})

describe('POST /token', () => {
  const login = { grant_type: 'password', username: 'alice', password: 'secret', client_id: 'x' }

  test('gives a token for a password in a form', async () => {
    const response = await post({ ...login, scope: 'repository:a:pull repository:b:pull' })
    expect(await accessOf(response)).toEqual([
      { type: 'repository', name: 'a', actions: ['pull'] },
      { type: 'repository', name: 'b', actions: ['pull'] },
    ])
  })

  test.each([
    ['a wrong password', { ...login, password: 'wrong' }, 401],
    ['a password that cannot be one', { ...login, password: 'secret\0x' }, 401],
    ['no password', { grant_type: 'password', username: 'alice' }, 400],
    ['another service', { ...login, service: 'other.example' }, 400],
    ['no grant type', {}, 400],
    ['another grant type', { ...login, grant_type: 'client_credentials' }, 400],
  ])('refuses %s', async (_, form, status) => {
    expect((await post(form)).status).toBe(status)
  })

  test('says that there are no refresh tokens', async () => {
    const response = await post({ grant_type: 'refresh_token', refresh_token: 'x' })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('no refresh tokens')
  })

  test('refuses a body that is no form, or too large', async () => {
    expect((await post('{"grant_type":"password"}', 'application/json')).status).toBe(400)
    const large = await post(
      `grant_type=password&username=${'a'.repeat(100_000)}`,
      'application/x-www-form-urlencoded',
    )
    expect(large.status).toBe(413)
  })

  test('answers before the end of a body that has none', async () => {
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    const sending = httpRequest(new URL('/token', server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    sending.on('error', () => {})
    sending.on('response', (response) => {
      resolve(response.statusCode)
      sending.destroy()
    })
    sending.write(Buffer.alloc(65 * 1024, 'a'))
    expect(await promise).toBe(413)
  })
})
