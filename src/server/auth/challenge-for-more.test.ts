import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMemoryRecords } from '../../../test/fixtures/memory-records.ts'
import type { ProtocolError } from '../protocol-error.ts'
import { parseRepositoryName } from '../repository-name.ts'
import { createGate } from './create-gate.ts'
import type { Wanted } from './gate.ts'
import { openGate } from './open-gate.ts'
import type { ServerGate } from './server-gate.ts'

/** The hash of `secret`, cost 4. */
const hash = '$2b$04$O0PyI7JyDCdZ2knJRkBOquplC2RtW1PR7/F3TOQodZrakjxNT3G66'

const [app, base, hidden] = [
  parseRepositoryName('team/app'),
  parseRepositoryName('team/base'),
  parseRepositoryName('hidden'),
]
const mount: readonly Wanted[] = [
  { action: 'push', repository: app },
  { action: 'pull', repository: base },
]
const password = { authorization: `Basic ${Buffer.from('alice:secret').toString('base64')}` }

let folder: string
let gate: ServerGate

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-more-'))
  await writeFile(join(folder, 'users'), `alice:${hash}\n`)
  gate = await createGate({
    records: createMemoryRecords(),
    now: () => Date.UTC(2026, 4, 4, 12),
    htpasswdFile: join(folder, 'users'),
    rules: [{ repositories: 'team/**', users: ['alice'], allow: ['pull', 'push'] }],
  })
})

afterAll(async () => {
  await gate.close()
  await rm(folder, { recursive: true, force: true })
})

test('a token for one repository is asked for another one that the rules allow', async () => {
  const challenge = await challengeFor(['repository:team/app:pull,push'], mount)
  expect(challenge).toMatchObject({ code: 'UNAUTHORIZED' })
  expect(challenge?.headers['WWW-Authenticate']).toContain(
    'scope="repository:team/app:pull,push repository:team/base:pull",error="insufficient_scope"',
  )
})

test('a token that is good for all of it is asked for nothing', async () => {
  const scopes = ['repository:team/app:pull,push', 'repository:team/base:pull']
  expect(await challengeFor(scopes, mount)).toBeUndefined()
})

test('nothing is asked for where the rules refuse it, so that nothing is said of it', async () => {
  const wanted: readonly Wanted[] = [{ action: 'pull', repository: hidden }]
  expect(await challengeFor(['repository:team/app:pull,push'], wanted)).toBeUndefined()
})

test('the catalogue wants a token of its own', async () => {
  const challenge = await challengeFor(['repository:team/app:pull'], [{ action: 'list' }])
  expect(challenge?.headers['WWW-Authenticate']).toContain('scope="registry:catalog:*"')
  expect(await challengeFor(['registry:catalog:*'], [{ action: 'list' }])).toBeUndefined()
})

test('a password is good for all that the rules allow, and an open gate asks nobody', async () => {
  const credentials = { headers: password, remoteAddress: '127.0.0.1' }
  const alice = await gate.identify(credentials)
  expect(gate.challengeForMore(credentials, alice, mount)).toBeUndefined()
  const anybody = await openGate.identify(credentials)
  expect(openGate.challengeForMore(credentials, anybody, mount)).toBeUndefined()
})

/** What alice is asked for with a token of these scopes. */
async function challengeFor(
  scopes: readonly string[],
  wanted: readonly Wanted[],
): Promise<ProtocolError | undefined> {
  const remoteAddress = '127.0.0.1'
  const host = { host: 'registry.test' }
  const { issued } = await gate.grant({
    headers: { ...host, ...password },
    remoteAddress,
    service: undefined,
    scopes,
  })
  const credentials = { headers: { ...host, authorization: `Bearer ${issued.token}` }, remoteAddress }
  return gate.challengeForMore(credentials, await gate.identify(credentials), wanted)
}
