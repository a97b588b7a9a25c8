import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateServer } from '../../../test/fixtures/gate-server.ts'
import type { TestServer } from '../../../test/fixtures/http-server.ts'
import { createMemoryRecords } from '../../../test/fixtures/memory-records.ts'
import { parseRepositoryName } from '../repository-name.ts'
import type { AccessRule } from '../server-options.ts'
import { AccessConfigurationError } from './access-configuration-error.ts'
import { createGate, type GateOptions } from './create-gate.ts'
import type { Decision } from './decision.ts'
import type { ServerGate } from './server-gate.ts'

/** The hash of `secret`, cost 4. */
const hash = '$2b$04$O0PyI7JyDCdZ2knJRkBOquplC2RtW1PR7/F3TOQodZrakjxNT3G66'

const rules: readonly AccessRule[] = [
  { repositories: 'public/**', anonymous: true, allow: ['pull'] },
  { repositories: '**', users: ['alice'], allow: ['pull', 'push'] },
  { repositories: 'team/**', users: ['bob'], allow: ['pull', 'push', 'delete'] },
]

let folder: string
let htpasswdFile: string
let time: number
let decisions: Decision[]
let gate: ServerGate
let server: TestServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-gate-'))
  htpasswdFile = join(folder, 'users')
  await writeFile(htpasswdFile, `alice:${hash}\nbob:${hash}\nmallory:${hash}\n`)
  time = Date.UTC(2026, 4, 4, 12)
  decisions = []
  gate = await createGate({
    ...options(),
    htpasswdFile,
    rules,
    onDecision: (decision) => decisions.push(decision),
  })
  server = await startGateServer(gate, ['public/x', 'team/app', 'zoo'])
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await gate.close()
  await rm(folder, { recursive: true, force: true })
})

function options(): GateOptions {
  return { records: createMemoryRecords(), now: () => time }
}

function basic(user: string, password = 'secret'): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

interface Answer {
  readonly status: number
  readonly challenge: string | null
  readonly body: unknown
}

async function ask(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  const response = await fetch(new URL(path, server.url), { headers, method })
  const body: unknown = await response.json()
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body }
}

async function tokenFor(
  scopes: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly authorization: string; readonly token: string }> {
  const query = new URLSearchParams({ service: server.url.host })
  for (const scope of scopes) query.append('scope', scope)
  const response = await fetch(new URL(`/token?${query.toString()}`, server.url), { headers })
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null || !('token' in body) || typeof body.token !== 'string') {
    throw new Error(`there was no token: ${JSON.stringify(body)}`)
  }
  return { token: body.token, authorization: `Bearer ${body.token}` }
}

function challengeOf(...more: readonly string[]): string {
  const { host, origin } = server.url
  return [`Bearer realm="${origin}/token"`, `service="${host}"`, ...more].join(',')
}

describe('the flow of docker', () => {
  test('/v2/ asks who one is, also where anybody may pull', async () => {
    expect(await ask('/v2/')).toMatchObject({
      status: 401,
      challenge: challengeOf(),
      body: { errors: [{ code: 'UNAUTHORIZED' }] },
    })
  })

  test('a token for nobody in particular pulls what is public, and answers /v2/', async () => {
    const bearer = await tokenFor(['repository:public/x:pull'])
    expect(await ask('/v2/', bearer)).toMatchObject({ status: 200, body: { by: 'token' } })
    expect(await ask('/v2/public/x', bearer)).toMatchObject({ status: 200 })
  })

  test('a push is asked for its scope, gets a token for it, and is let in', async () => {
    const first = await ask('/v2/team/app', {}, 'PUT')
    expect(first).toMatchObject({
      status: 401,
      challenge: challengeOf('scope="repository:team/app:pull,push"'),
    })
    const bearer = await tokenFor(['repository:team/app:pull,push'], basic('alice'))
    expect(await ask('/v2/team/app', bearer, 'PUT')).toMatchObject({
      status: 200,
      body: { name: 'alice', by: 'token' },
    })
  })

  test('a login with a wrong password is refused', async () => {
    const login = `/token?account=alice&client_id=docker&offline_token=true&service=${server.url.host}`
    expect(await ask(login, basic('alice'))).toMatchObject({ status: 200 })
    expect(await ask(login, basic('alice', 'wrong'))).toMatchObject({
      status: 401,
      challenge: `Basic realm="${server.url.host}",charset="UTF-8"`,
      body: { errors: [{ code: 'UNAUTHORIZED' }] },
    })
  })
})

describe('the gate', () => {
  test('takes Basic on every request', async () => {
    expect(await ask('/v2/', basic('alice'))).toMatchObject({
      status: 200,
      body: { name: 'alice', by: 'password' },
    })
    expect(await ask('/v2/zoo', basic('alice'), 'PUT')).toMatchObject({ status: 200 })
  })

  test('lets nobody in particular pull what is public without a token', async () => {
    expect(await ask('/v2/public/x')).toMatchObject({ status: 200, body: { by: 'anonymous' } })
  })

  test('asks who shows nothing, with the scope, and denies who is known', async () => {
    expect(await ask('/v2/zoo')).toMatchObject({
      status: 401,
      challenge: challengeOf('scope="repository:zoo:pull"'),
    })
    expect(await ask('/v2/zoo', basic('bob'))).toMatchObject({
      status: 403,
      challenge: null,
      body: { errors: [{ code: 'DENIED', message: 'not allowed: pull zoo' }] },
    })
    expect(await ask('/v2/zoo', basic('alice'), 'DELETE')).toMatchObject({ status: 403 })
  })

  test('wrong credentials do not pass for none', async () => {
    expect(await ask('/v2/public/x', basic('alice', 'wrong'))).toMatchObject({ status: 401 })
    expect(await ask('/v2/public/x', { authorization: 'Bearer nonsense' })).toMatchObject({
      status: 401,
      challenge: challengeOf('error="invalid_token"'),
    })
  })

  test('a token is good for its scopes only; who may have more is told to ask for it', async () => {
    const bearer = await tokenFor(['repository:team/app:pull'], basic('bob'))
    expect(await ask('/v2/team/app', bearer)).toMatchObject({ status: 200 })
    expect(await ask('/v2/team/app', bearer, 'DELETE')).toMatchObject({
      status: 401,
      challenge: challengeOf('scope="repository:team/app:delete"', 'error="insufficient_scope"'),
    })
    expect(await ask('/v2/team/web', bearer)).toMatchObject({ status: 401 })
    expect(await ask('/v2/zoo', bearer)).toMatchObject({ status: 403 })
  })

  test('a token gives nothing that the rules do not', async () => {
    const { token, authorization } = await tokenFor(
      ['repository:zoo:*', 'repository:team/app:*'],
      basic('bob'),
    )
    expect(decodeJwt(token)).toMatchObject({
      access: [{ type: 'repository', name: 'team/app', actions: ['pull', 'push', 'delete'] }],
    })
    expect(await ask('/v2/zoo', { authorization })).toMatchObject({ status: 403 })
    expect(await ask('/v2/team/app', { authorization }, 'DELETE')).toMatchObject({ status: 200 })
  })

  test('a token for nobody asks for a name where it is not enough', async () => {
    const bearer = await tokenFor(['repository:zoo:pull', 'repository:public/x:push'])
    expect(await ask('/v2/zoo', bearer)).toMatchObject({ status: 401 })
    expect(await ask('/v2/public/x', bearer, 'PUT')).toMatchObject({ status: 401 })
  })

  test('a token for one host is not good for another', async () => {
    const { authorization } = await tokenFor(['repository:public/x:pull'])
    expect(await ask('/v2/public/x', { authorization })).toMatchObject({ status: 200 })
    const identity = gate.identify({ headers: { host: 'other.example', authorization }, remoteAddress: '' })
    await expect(identity).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })

  test('a token is good for 300 seconds', async () => {
    const { authorization } = await tokenFor(['repository:public/x:pull'])
    const made = time
    try {
      time = made + 299_000
      expect(await ask('/v2/public/x', { authorization })).toMatchObject({ status: 200 })
      time = made + 306_000
      expect(await ask('/v2/public/x', { authorization })).toMatchObject({ status: 401 })
    } finally {
      time = made
    }
  })

  test('lists what one may pull, whoever one is', async () => {
    const catalog = ['registry:catalog:*']
    const lists = await Promise.all([
      ask('/v2/_catalog'),
      ask('/v2/_catalog', basic('bob')),
      ask('/v2/_catalog', basic('alice')),
      ask('/v2/_catalog', await tokenFor(catalog)),
      ask('/v2/_catalog', await tokenFor(catalog, basic('bob'))),
      ask('/v2/_catalog', await tokenFor(['repository:team/app:pull'], basic('alice'))),
    ])
    expect(lists.map(({ body }) => body)).toEqual([
      ['public/x'],
      ['public/x', 'team/app'],
      ['public/x', 'team/app', 'zoo'],
      ['public/x'],
      ['public/x', 'team/app'],
      ['team/app'],
    ])
  })

  test('a token for the catalogue pulls nothing', async () => {
    const bearer = await tokenFor(['registry:catalog:*'], basic('alice'))
    expect(await ask('/v2/public/x', bearer)).toMatchObject({ status: 401 })
  })

  test('whatever the header says, the answer is 401 or who it is, and no other error', async () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    })
    const header = fc.oneof(
      printable,
      printable.map((text) => `Bearer ${text}`),
      fc.array(printable, { minLength: 3, maxLength: 3 }).map((parts) => `Bearer ${parts.join('.')}`),
      fc
        .json()
        .map(
          (json) =>
            `Bearer ${Buffer.from(json).toString('base64url')}.${Buffer.from(json).toString('base64url')}.AA`,
        ),
      printable.map((text) => `Basic ${text}`),
      fc.uint8Array().map((bytes) => `Basic ${Buffer.from(bytes).toString('base64')}`),
    )
    await fc.assert(
      fc.asyncProperty(
        header.filter((text) => text.trim() !== ''),
        async (authorization) => {
          expect(await ask('/v2/public/x', { authorization })).toMatchObject({ status: 401 })
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('a user who leaves', () => {
  test('is nobody any more a second later, with the tokens', async () => {
    const bearer = await tokenFor(['repository:team/app:pull'], basic('alice'))
    expect(await ask('/v2/team/app', bearer)).toMatchObject({ status: 200 })
    await writeFile(htpasswdFile, `bob:${hash}\nmallory:${hash}\n`)
    time += 1000
    expect(await ask('/v2/team/app', bearer)).toMatchObject({ status: 401 })
    expect(await ask('/v2/team/app', basic('alice'))).toMatchObject({ status: 401 })
    await writeFile(htpasswdFile, `alice:${hash}\nbob:${hash}\nmallory:${hash}\n`)
    time += 1000
    expect(await ask('/v2/team/app', basic('alice'))).toMatchObject({ status: 200 })
  })
})

describe('what is told of decisions', () => {
  test('names who, what and whether, and no secret', async () => {
    decisions.length = 0
    await ask('/v2/zoo', basic('bob'))
    await ask('/v2/zoo')
    await ask('/v2/zoo', basic('bob', 'hunter2'))
    const { token } = await tokenFor(['repository:team/app:pull,push', 'repository:zoo:pull'], basic('bob'))
    await ask('/v2/zoo', { authorization: `Bearer ${token}` })
    const client = '127.0.0.1'
    expect(decisions).toEqual([
      { kind: 'refused', client, user: 'bob', by: 'password', wanted: ['pull zoo'] },
      { kind: 'refused', client, user: undefined, by: 'anonymous', wanted: ['pull zoo'] },
      { kind: 'wrong-credentials', client, wanted: [] },
      { kind: 'token', client, user: 'bob', scopes: ['repository:team/app:pull,push'] },
      { kind: 'refused', client, user: 'bob', by: 'token', wanted: ['pull zoo'] },
    ])
    expect(JSON.stringify(decisions)).not.toMatch(/hunter2|secret|eyJ/)
  })
})

describe('createGate()', () => {
  test('is open without anything that says who may what', async () => {
    const open = await createGate(options())
    const identity = await open.identify({ headers: basic('anybody'), remoteAddress: '' })
    expect([open.isOpen, identity.by, identity.name]).toEqual([true, 'open', undefined])
    const wish = { headers: {}, remoteAddress: '', service: undefined, scopes: [] }
    await expect(open.grant(wish)).rejects.toMatchObject({ status: 404 })
  })

  test('with passwords and no rules, every user may everything and nobody else anything', async () => {
    const closed = await createGate({ ...options(), htpasswdFile })
    try {
      const bob = await closed.identify({ headers: basic('bob'), remoteAddress: '' })
      const nobody = await closed.identify({ headers: {}, remoteAddress: '' })
      const all = (['pull', 'push', 'delete'] as const).map((action) => [
        bob.may(action, parseRepositoryName('x')),
        nobody.may(action, parseRepositoryName('x')),
      ])
      expect(all).toEqual([
        [true, false],
        [true, false],
        [true, false],
      ])
    } finally {
      await closed.close()
    }
  })

  /** CVE-2026-4404: the password that a registry was installed with, and that its documentation names. */
  test.each(['# nobody yet\n', `alice:${hash}\n`])(
    'knows nobody but the users of its file: %j',
    async (users) => {
      const file = join(folder, 'some-users')
      await writeFile(file, users)
      const closed = await createGate({ ...options(), htpasswdFile: file })
      try {
        for (const user of ['admin', 'root', 'lading', 'test', '']) {
          for (const password of ['Harbor12345', 'admin', 'password', 'lading', 'secret', user, '']) {
            const headers = basic(user, password)
            await expect(closed.identify({ headers, remoteAddress: '' })).rejects.toMatchObject({
              code: 'UNAUTHORIZED',
            })
          }
        }
        const nobody = await closed.identify({ headers: {}, remoteAddress: '' })
        expect([closed.isOpen, nobody.may('pull', parseRepositoryName('x'))]).toEqual([false, false])
      } finally {
        await closed.close()
      }
    },
  )

  test('with rules and no passwords, only those for everybody are of use', async () => {
    const closed = await createGate({ ...options(), rules })
    const identity = await closed.identify({ headers: {}, remoteAddress: '' })
    expect(identity.may('pull', parseRepositoryName('public/x'))).toBe(true)
    await expect(closed.identify({ headers: basic('alice'), remoteAddress: '' })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
    await closed.close()
  })

  test('without any rule nobody may anything', async () => {
    const closed = await createGate({ ...options(), rules: [] })
    const identity = await closed.identify({ headers: {}, remoteAddress: '' })
    expect([closed.isOpen, identity.may('pull', parseRepositoryName('x'))]).toEqual([false, false])
    await closed.close()
  })

  test.each([0, 9, 1.5, 86_401, Number.NaN])(
    'refuses tokens that are good for %d seconds',
    async (seconds) => {
      const made = createGate({ ...options(), rules: [], tokenLifetimeSeconds: seconds })
      await expect(made).rejects.toThrow(AccessConfigurationError)
    },
  )

  test('what waits for a password ends with its signal', async () => {
    const controller = new AbortController()
    controller.abort(new Error('gone'))
    const identity = gate.identify(
      { headers: basic('bob'), remoteAddress: '' },
      { signal: controller.signal },
    )
    await expect(identity).rejects.toThrow('gone')
  })
})
