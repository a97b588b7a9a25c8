import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildImage, buildIndex } from '../fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../fixtures/memory-registry.ts'
import { type OidcIssuer, startOidcIssuer } from '../fixtures/oidc-issuer.ts'
import { pushToRegistry } from '../fixtures/push-to-registry.ts'
import { type CliResult, runCli, type RunCliOptions } from '../fixtures/run-cli.ts'
import { type ActionsIssuer, startActionsIssuer } from '../fixtures/sigstore-servers/actions-issuer.ts'
import { type LoginIssuer, startLoginIssuer } from '../fixtures/sigstore-servers/login-issuer.ts'
import { type SigstoreServers, startSigstoreServers } from '../fixtures/sigstore-servers/sigstore-servers.ts'
import { startLading } from './lading-process.ts'

const amd64 = buildImage({ layers: [{ a: '1' }] })
const arm64 = buildImage({ layers: [{ a: '2' }], platform: { os: 'linux', architecture: 'arm64' } })
const index = buildIndex([amd64, arm64])
const { digest } = index.descriptor

let folder: string
let issuer: OidcIssuer
let actions: ActionsIssuer
let login: LoginIssuer
let servers: SigstoreServers

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-keyless-'))
  issuer = await startOidcIssuer(Date.now)
  actions = await startActionsIssuer('me/app', 'refs/tags/v1')
  login = await startLoginIssuer('me@example.com')
  servers = await startSigstoreServers({ issuers: [issuer.url, actions.url, login.url] })
  await writeFile(file('root.json'), JSON.stringify(servers.trustedRoot))
  for (const rekor of [1, 2] as const)
    await writeFile(file(`rekor${rekor}.json`), JSON.stringify(servers.signingConfig(rekor, login.url)))
})

afterAll(async () => {
  await Promise.all([servers, login, actions, issuer].map((each) => each[Symbol.asyncDispose]()))
  await rm(folder, { recursive: true, force: true })
})

describe.each([
  [1, 'the referrers API', true],
  [2, 'the referrers API', true],
  [1, 'fallback tags', false],
  [2, 'fallback tags', false],
] as const)('with Rekor v%i, at a registry with %s', (rekor, _, referrers) => {
  test('what a token in the environment signed is verified as its own alone', async () => {
    await using registry = await pushed(referrers)
    const environment = { SIGSTORE_ID_TOKEN: await tokenOf('me@example.com') }
    expect(await sign(rekor, [registry.image], { environment })).toMatchObject({ exitCode: 0 })
    expect(await verify(registry.image, 'me@example.com', issuer.url)).toMatchObject({ exitCode: 0 })
    expect(await verify(registry.image, 'you@example.com', issuer.url)).toMatchObject({ exitCode: 1 })
    expect(await verify(registry.image, 'me@example.com', login.url)).toMatchObject({ exitCode: 1 })
    // The index was signed, and none of its platforms.
    expect(await verify(registry.platform, 'me@example.com', issuer.url)).toMatchObject({ exitCode: 1 })
  })

  test('of three who sign at once none is lost', async () => {
    await using registry = await pushed(referrers)
    const names = ['me@example.com', 'you@example.com', 'them@example.com']
    const signed = await Promise.all(
      names.map(async (name) =>
        sign(rekor, [registry.image], { environment: { SIGSTORE_ID_TOKEN: await tokenOf(name) } }),
      ),
    )
    expect(signed.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
    const verified = await Promise.all(names.map((name) => verify(registry.image, name, issuer.url)))
    expect(verified.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
  })
})

test('a job of GitHub Actions signs as its workflow, with what its certificate says', async () => {
  await using registry = await pushed(true)
  expect(await sign(2, [registry.image], { environment: actions.environment })).toMatchObject({ exitCode: 0 })
  const workflow = 'https://github.com/me/app/.github/workflows/release.yml@refs/tags/v1'
  const { exitCode, stdout } = await verify(registry.image, workflow, actions.url, '--json')
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    satisfied: {
      signer: { identity: workflow, issuer: actions.url },
      source: { repository: 'https://github.com/me/app', ref: 'refs/tags/v1', commit: 'c'.repeat(40) },
    },
  })
  expect(await verify(registry.image, `${workflow}.1`, actions.url)).toMatchObject({ exitCode: 1 })
})

test('a person who logs in signs as the address that logged in', async () => {
  await using registry = await pushed(true)
  const visits: Promise<number>[] = []
  const onStderr = (said: string): void => {
    const [page] = /http:\/\/\S+\/authorize\?\S+/.exec(said) ?? []
    if (page !== undefined) visits.push(login.browse(page))
  }
  const result = await sign(1, ['--yes', registry.image], { tty: true, onStderr })
  expect(await Promise.all(visits)).toEqual([200])
  expect(result).toMatchObject({ exitCode: 0 })
  expect(await verify(registry.image, 'me@example.com', login.url)).toMatchObject({ exitCode: 0 })
})

test('--recursive signs the platforms as well', async () => {
  await using registry = await pushed(false)
  const environment = { SIGSTORE_ID_TOKEN: await tokenOf('me@example.com') }
  expect(await sign(2, ['--recursive', registry.image], { environment })).toMatchObject({ exitCode: 0 })
  for (const name of [registry.image, registry.platform])
    expect(await verify(name, 'me@example.com', issuer.url)).toMatchObject({ exitCode: 0 })
})

test('a bundle that was written to a file verifies the image without a network', async () => {
  await using registry = await pushed(true)
  const before = registry.registry.blobs('app').length
  const bundle = file('bundle.json')
  const environment = { SIGSTORE_ID_TOKEN: await tokenOf('me@example.com') }
  expect(await sign(1, ['--bundle-out', bundle, registry.image], { environment })).toMatchObject({
    exitCode: 0,
  })
  expect(registry.registry.blobs('app')).toHaveLength(before)
  expect(await verify(registry.image, 'me@example.com', issuer.url)).toMatchObject({ exitCode: 1 })
  const offline = ['--offline', '--bundle', bundle]
  expect(await verify(registry.image, 'me@example.com', issuer.url, ...offline)).toMatchObject({
    exitCode: 0,
  })
  expect(await verify(registry.platform, 'me@example.com', issuer.url, ...offline)).toMatchObject({
    exitCode: 1,
  })
})

test.each([1, 2] as const)('a statement is verified by its type, with Rekor v%i', async (rekor) => {
  await using registry = await pushed(true)
  await writeFile(file('predicate.json'), '{"tested":true}')
  const type = 'https://example.com/tested/v1'
  const words = ['--type', type, '--predicate', file('predicate.json'), registry.image]
  const environment = { SIGSTORE_ID_TOKEN: await tokenOf('me@example.com') }
  const attested = await runCli(['attest', ...serviceWords(rekor), ...words], { environment })
  expect(attested).toMatchObject({ exitCode: 0 })
  for (const [asked, exitCode] of [
    [type, 0],
    ['https://example.com/tested/v2', 1],
  ] as const) {
    const predicate = ['--predicate-type', asked]
    expect(await verify(registry.image, 'me@example.com', issuer.url, ...predicate)).toMatchObject({
      exitCode,
    })
  }
})

test.each([
  ['an issuer that the authority does not know', async () => (await stranger()).token],
  ['another audience', () => issuer.token({ aud: 'elsewhere' })],
])('a token of %s signs nothing, and is shown nowhere', async (_, makeToken) => {
  await using registry = await pushed(true)
  const token = await makeToken()
  const environment = { SIGSTORE_ID_TOKEN: token }
  const { exitCode, stdout, stderr } = await sign(1, ['--debug', registry.image], { environment })
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
  expect(stderr).not.toContain(token.slice(-40))
  expect((await runCli(['referrers', '--json', registry.image])).stdout).not.toContain('sigstore')
})

test('the command as a process signs, and says where it stored what', async () => {
  await using registry = await pushed(true)
  const started = startLading(['sign', ...serviceWords(2), '--quiet', registry.image], {
    environment: { SIGSTORE_ID_TOKEN: await tokenOf('me@example.com') },
  })
  const stdout = started.stdout === null ? '' : await text(started.stdout)
  expect(await started.exit).toMatchObject({ code: 0 })
  expect(stdout).toMatch(/^sha256:[\da-f]{64}\n$/)
})

interface PushedImage extends AsyncDisposable {
  readonly registry: MemoryRegistry
  /** The index, by digest. */
  readonly image: string
  /** One of its platforms, by digest. */
  readonly platform: string
}

async function pushed(referrers: boolean): Promise<PushedImage> {
  const registry = await startMemoryRegistry({ referrers })
  const { host } = registry
  await pushToRegistry(host, { 'app:1': index })
  return {
    registry,
    image: `${host}/app@${digest}`,
    platform: `${host}/app@${amd64.descriptor.digest}`,
    [Symbol.asyncDispose]: () => registry.close(),
  }
}

function sign(rekor: 1 | 2, words: readonly string[], options: RunCliOptions): Promise<CliResult> {
  return runCli(['sign', ...serviceWords(rekor), ...words], options)
}

function serviceWords(rekor: 1 | 2): readonly string[] {
  return ['--signing-config', file(`rekor${rekor}.json`), '--trusted-root', file('root.json')]
}

function verify(name: string, identity: string, by: string, ...flags: readonly string[]): Promise<CliResult> {
  const words = ['--identity', identity, '--issuer', by, '--trusted-root', file('root.json')]
  return runCli(['verify', ...words, ...flags, name])
}

function tokenOf(email: string): Promise<string> {
  return issuer.token({ aud: 'sigstore', email, email_verified: true })
}

async function stranger(): Promise<{ readonly token: string }> {
  await using other = await startOidcIssuer(Date.now)
  return { token: await other.token({ aud: 'sigstore', email: 'me@example.com', email_verified: true }) }
}

function file(name: string): string {
  return join(folder, name)
}
