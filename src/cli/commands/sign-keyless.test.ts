import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type AnsweredRequest, startAnsweringServer } from '../../../test/fixtures/answering-server.ts'
import { buildImage } from '../../../test/fixtures/build-image.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { type CliResult, runCli } from '../../../test/fixtures/run-cli.ts'
import {
  type ActionsIssuer,
  startActionsIssuer,
} from '../../../test/fixtures/sigstore-servers/actions-issuer.ts'
import {
  type SigstoreServers,
  startSigstoreServers,
} from '../../../test/fixtures/sigstore-servers/sigstore-servers.ts'

const image = buildImage()
const { digest } = image.descriptor
const identity = 'https://github.com/me/app/.github/workflows/release.yml@refs/heads/main'

let folder: string
let issuer: ActionsIssuer
let servers: SigstoreServers
let trusting: readonly string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-sign-keyless-'))
  issuer = await startActionsIssuer('me/app', 'refs/heads/main')
  servers = await startSigstoreServers({ issuers: [issuer.url] })
  await writeFile(join(folder, 'root.json'), JSON.stringify(servers.trustedRoot))
  await Promise.all(
    ([1, 2] as const).map((rekor) =>
      writeFile(join(folder, `rekor${rekor}.json`), JSON.stringify(servers.signingConfig(rekor))),
    ),
  )
  trusting = ['--trusted-root', join(folder, 'root.json')]
})

afterAll(async () => {
  await servers[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

describe('lading sign as a job', () => {
  test.each([
    ['a bundle with Rekor v1', ['--signing-config', 'rekor1.json']],
    ['a bundle with Rekor v2', ['--signing-config', 'rekor2.json']],
    ["cosign's older tag", ['--signing-config', 'rekor1.json', '--format', 'cosign-v2']],
  ])('makes %s that verify takes from the job alone', async (_, flags) => {
    const { name } = await start()
    const { exitCode, stdout, stderr } = await inJob(['sign', ...inFolder(flags), '--json', name])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      signer: { kind: 'certificate', identity, issuer: issuer.url },
      signatures: [{ digest, log: [{ index: expect.stringMatching(/^\d+$/) as unknown }] }],
    })
    expect(await verifyAs(identity, name)).toMatchObject({ exitCode: 0 })
    expect(await verifyAs(`${identity}-evil`, name)).toMatchObject({ exitCode: 1 })
  })

  test('takes services by their URLs, and asks no public one besides', async () => {
    const { name } = await start()
    const urls = ['--fulcio-url', servers.fulcio.href, '--rekor-url', servers.rekor.href]
    expect(await inJob(['sign', ...urls, name])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await verifyAs(identity, name)).toMatchObject({ exitCode: 0 })
  })

  test('stores nothing that does not verify', async () => {
    const { registry, name } = await start()
    const blobs = registry.blobs('app').length
    const other = await startSigstoreServers({ issuers: [issuer.url] })
    onTestFinished(() => other[Symbol.asyncDispose]())
    const config = join(folder, 'other.json')
    await writeFile(config, JSON.stringify(other.signingConfig(1)))
    const { exitCode, stdout } = await inJob(['sign', '--signing-config', config, name])
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(registry.blobs('app')).toHaveLength(blobs + 1)
  })

  test('asks a person first, and signs nothing after a no', async () => {
    const { registry, name } = await start()
    const flags = [...trusting, ...inFolder(['--signing-config', 'rekor1.json'])]
    const { exitCode, stdout, stderr } = await runCli(['sign', ...flags, name], {
      environment: issuer.environment,
      tty: true,
      stdin: 'n',
    })
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' })
    expect(stderr).toContain('keeps it for ever')
    expect(stderr).toContain('nothing was signed')
    expect([...registry.tags('app').keys()]).toEqual(['1'])
    expect(await verifyAs(identity, name)).toMatchObject({ exitCode: 1 })
  })
})

describe('lading attest as a job', () => {
  test('stores provenance at GitHub, nothing in the registry, and verify finds it there', async () => {
    const { registry, name } = await start()
    const github = await startGithub()
    const config = inFolder(['--signing-config', 'rekor1.json'])
    const flags = ['--type', 'provenance', '--to', 'github', ...config]
    const environment = { ...github.environment, ...issuer.environment }
    registry.requests.splice(0)
    const { exitCode, stdout, stderr } = await inJob(['attest', ...flags, '--quiet', name], environment)
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: 'https://github.com/me/app/attestations/4711\n',
      stderr: '',
    })
    expect(registry.requests).toEqual([])
    expect(github.requests).toMatchObject([
      {
        method: 'POST',
        path: '/repos/me/app/attestations',
        headers: { authorization: 'Bearer github-token' },
      },
    ])
    const verifying = ['--repo', 'me/app', '--issuer', issuer.url, '--from', 'github', ...trusting]
    expect(await runCli(['verify', ...verifying, name], { environment: github.environment })).toMatchObject({
      exitCode: 0,
    })
  })
})

interface GithubStandIn {
  readonly environment: Readonly<Record<string, string>>
  readonly requests: AnsweredRequest[]
}

/** Keeps the bundles that are posted, and lists them. */
async function startGithub(): Promise<GithubStandIn> {
  const requests: AnsweredRequest[] = []
  const server = await startAnsweringServer((request) => {
    if (request.method === 'POST') requests.push(request)
    const attestations = requests.map(({ body }) => JSON.parse(body.toString()) as unknown)
    return request.method === 'POST'
      ? { status: 201, body: '{"id":4711}' }
      : { body: JSON.stringify({ attestations }) }
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const environment = {
    GITHUB_API_URL: server.url.href,
    GITHUB_REPOSITORY: 'me/app',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_TOKEN: 'github-token',
  }
  return { environment, requests }
}

function inFolder(flags: readonly string[]): string[] {
  return flags.map((flag) => (flag.endsWith('.json') ? join(folder, flag) : flag))
}

function inJob(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = issuer.environment,
): Promise<CliResult> {
  return runCli([...words, ...trusting], { environment })
}

function verifyAs(person: string, name: string): Promise<CliResult> {
  return runCli(['verify', '--identity', person, '--issuer', issuer.url, ...trusting, name])
}

async function start(): Promise<{ readonly registry: MemoryRegistry; readonly name: string }> {
  const registry = await startMemoryRegistry({ referrers: false })
  onTestFinished(() => registry.close())
  await pushToRegistry(registry.host, { 'app:1': image })
  return { registry, name: `${registry.host}/app@${digest}` }
}
