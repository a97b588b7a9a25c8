import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startAnsweringServer } from '../../../test/fixtures/answering-server.ts'
import { buildImage } from '../../../test/fixtures/build-image.ts'
import { startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { type CliResult, runCli, type RunCliOptions } from '../../../test/fixtures/run-cli.ts'
import { identityTokenText } from '../../../test/fixtures/sigstore/identity-token.ts'

const image = buildImage()
const { digest } = image.descriptor

let folder: string
let key: string
let predicate: string
const publicKey = (): string => `${key}.pub`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-attest-'))
  key = join(folder, 'app.key')
  predicate = join(folder, 'predicate.json')
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await writeFile(key, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  await writeFile(publicKey(), pair.publicKey.export({ format: 'pem', type: 'spki' }))
  await writeFile(predicate, JSON.stringify({ spdxVersion: 'SPDX-2.3', packages: [] }))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('lading attest', () => {
  test.each(['bundle', 'cosign-v2'])('states what verify --type takes, as %s', async (format) => {
    const name = await start()
    const flags = ['--type', 'spdx', '--predicate', predicate, '--format', format]
    const { exitCode, stdout } = await attest([...flags, '--json', name])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      predicateType: 'https://spdx.dev/Document',
      signatures: [{ digest, stored: { kind: format === 'bundle' ? 'referrer' : 'tag' } }],
    })
    expect(await verify(name, '--type', 'spdx')).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await verify(name, '--type', 'cyclonedx')).toMatchObject({ exitCode: 1 })
    expect(await verify(name)).toMatchObject({ exitCode: 1 })
  })

  test('names the subject by its repository, and keeps the predicate as it is', async () => {
    const flags = ['--type', 'https://example.com/tested/v1', '--predicate', '-', '--bundle-out', '-']
    const { stdout } = await attest([...flags, `r.invalid/team/app@${digest}`], { stdin: '{"passed":true}' })
    expect(statementIn(stdout)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'r.invalid/team/app', digest: { sha256: digest.slice(7) } }],
      predicateType: 'https://example.com/tested/v1',
      predicate: { passed: true },
    })
  })

  test('does not write the bundle over the predicate', async () => {
    const file = join(folder, 'predicate.json')
    await writeFile(file, '{}')
    const flags = ['--type', 'spdx', '--predicate', file, '--bundle-out', file]
    expect(await attest([...flags, `r.invalid/a@${digest}`])).toMatchObject({ exitCode: 2, stdout: '' })
    expect(await readFile(file, 'utf8')).toBe('{}')
  })

  test('makes the provenance of a job of GitHub Actions', async () => {
    await using github = await startAnsweringServer(() => ({ body: JSON.stringify({ value: jobToken() }) }))
    const environment = {
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      ACTIONS_ID_TOKEN_REQUEST_URL: new URL('/token', github.url).href,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runtime',
    }
    const flags = ['--type', 'provenance', '--bundle-out', '-']
    const { exitCode, stdout } = await attest([...flags, `ghcr.io/me/app@${digest}`], { environment })
    expect(exitCode).toBe(0)
    expect(statementIn(stdout)).toMatchObject({
      subject: [{ name: 'ghcr.io/me/app' }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'https://actions.github.io/buildtypes/workflow/v1',
          externalParameters: {
            workflow: {
              ref: 'refs/heads/main',
              repository: 'https://github.com/me/app',
              path: '.github/workflows/build.yml',
            },
          },
        },
        runDetails: {
          builder: { id: 'https://github.com/me/app/.github/workflows/build.yml@refs/heads/main' },
        },
      },
    })
  })

  test('says outside of a job where provenance comes from', async () => {
    const { exitCode, stderr } = await attest(['--type', 'provenance', `r.invalid/a@${digest}`])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('--type slsaprovenance1 --predicate FILE')
  })

  test.each([
    ['no predicate', ['--type', 'spdx']],
    ['a predicate for what is made of claims', ['--type', 'provenance', '--predicate', 'f']],
    ['a type that is none', ['--type', 'sdpx', '--predicate', 'f']],
  ])('refuses %s', async (_, flags) => {
    const { exitCode, stdout, stderr } = await attest([...flags, `r.invalid/a@${digest}`])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^error: Cannot/)
  })

  test.each([
    ['not JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
  ])('refuses a predicate that is %s', async (_, stdin) => {
    const flags = ['--type', 'spdx', '--predicate', '-', '--bundle-out', '-']
    const { exitCode, stdout } = await attest([...flags, `r.invalid/a@${digest}`], { stdin })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  })
})

function attest(words: readonly string[], options: RunCliOptions = {}): Promise<CliResult> {
  return runCli(['attest', '--key', key, '--no-log', ...words], options)
}

function verify(name: string, ...flags: readonly string[]): Promise<CliResult> {
  return runCli(['verify', '--key', publicKey(), '--insecure-ignore-tlog', ...flags, name])
}

async function start(): Promise<string> {
  const registry = await startMemoryRegistry()
  onTestFinished(() => registry.close())
  await pushToRegistry(registry.host, { 'app:1': image })
  return `${registry.host}/app@${digest}`
}

function statementIn(bundle: string): unknown {
  const [, payload = ''] = /"payload":"([^"]*)"/.exec(bundle) ?? []
  return JSON.parse(Buffer.from(payload, 'base64').toString())
}

function jobToken(): string {
  const workflow = 'me/app/.github/workflows/build.yml@refs/heads/main'
  return identityTokenText({
    iss: 'https://token.actions.githubusercontent.com',
    sub: 'repo:me/app:ref:refs/heads/main',
    ref: 'refs/heads/main',
    sha: 'c'.repeat(40),
    repository: 'me/app',
    repository_id: '11',
    repository_owner_id: '12',
    repository_visibility: 'public',
    event_name: 'push',
    workflow_ref: workflow,
    job_workflow_ref: workflow,
    runner_environment: 'github-hosted',
    run_id: '7',
    run_attempt: '1',
  })
}
