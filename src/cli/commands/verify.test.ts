import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  buildArtifact,
  buildImage,
  buildIndex,
  type FixtureImage,
} from '../../../test/fixtures/build-image.ts'
import { startServer } from '../../../test/fixtures/http-server.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { type CliResult, runCli } from '../../../test/fixtures/run-cli.ts'
import { type ScriptedExchange, withScriptedServer } from '../../../test/fixtures/scripted-server.ts'
import {
  bundleReferrer,
  cosignAttestation,
  cosignImage,
  cosignSignature,
  cosignTag,
  simpleSigningPayload,
} from '../../../test/fixtures/signed-image.ts'
import { keyPair } from '../../../test/fixtures/sigstore/key-pair.ts'
import { githubSigner } from '../../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { writeLayout } from '../../../test/fixtures/write-layout.ts'

const instance = sigstoreInstance()
const signer = githubSigner('me/app', { ref: 'refs/tags/v1' })
const person = { identity: 'me@example.com', issuer: 'https://accounts.example' }
const key = keyPair()

const amd64 = buildImage({ layers: [{ a: '1' }] })
const arm64 = buildImage({ layers: [{ a: '2' }], platform: { os: 'linux', architecture: 'arm64' } })
const index = buildIndex([amd64, arm64])
const provenance = instance.attest(signer, { subjects: [index.descriptor.digest] })
const ofIndex = bundleReferrer(provenance, index)
const ofPlatform = bundleReferrer(instance.attest(signer, { subjects: [arm64.descriptor.digest] }), arm64)

const byMe = ['--identity', signer.identity, '--issuer', 'https://token.actions.githubusercontent.com']

let folder: string
let root: readonly string[]
let keyFile: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-verify-'))
  const rootFile = join(folder, 'trusted_root.json')
  await writeFile(rootFile, JSON.stringify(instance.trustedRoot))
  root = ['--trusted-root', rootFile]
  keyFile = join(folder, 'key.pub')
  await writeFile(keyFile, key.publicKey.export({ format: 'pem', type: 'spki' }))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe.each([
  ['a registry with the referrers API', true],
  ['a registry with fallback tags', false],
])('lading verify, at %s', (_, referrers) => {
  let registry: MemoryRegistry
  let name: string

  beforeAll(async () => {
    registry = await startMemoryRegistry({ referrers })
    name = `${registry.host}/team/app`
    await pushToRegistry(registry.host, {
      'team/app:1': index,
      'team/app:signature': ofIndex,
      'team/bare:1': index,
      'team/platform:1': index,
      'team/platform:signature': ofPlatform,
    })
  })

  afterAll(async () => {
    await registry.close()
  })

  test('says who signed, from what, when, and what proved it', async () => {
    const { stdout, stderr, exitCode } = await verify(`${name}:1`, ...byMe)
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(stdout.split('\n')).toEqual([
      `verified  ${name}:1`,
      `  image       ${name}@${index.descriptor.digest}`,
      `  signed      the index with all its platforms, ${index.descriptor.digest}`,
      '  signer      https://github.com/me/app/.github/workflows/release.yml@refs/tags/v1',
      '  issuer      https://token.actions.githubusercontent.com',
      '  source      https://github.com/me/app',
      '  ref         refs/tags/v1',
      `  commit      ${'c'.repeat(40)}`,
      '  workflow    https://github.com/me/app/.github/workflows/release.yml@refs/tags/v1',
      '  run         https://github.com/me/app/actions/runs/1/attempts/1',
      '  runner      github-hosted',
      '  predicate   https://slsa.dev/provenance/v1',
      '  time        2026-01-01T00:01:00.000Z, proved by a transparency log',
      '  log         https://log.lading.example 4711',
      `  trust root  ${root[1] ?? ''}`,
      `  found       referrer ${ofIndex.descriptor.digest}`,
      '',
    ])
  })

  test('gives programs one object', async () => {
    const { stdout, exitCode } = await verify(`${name}:1`, '--json', ...byMe)
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      image: `${name}:1`,
      name: `${name}@${index.descriptor.digest}`,
      digest: index.descriptor.digest,
      mediaType: index.descriptor.mediaType,
      verified: true,
      satisfied: {
        found: { at: 'referrer', detail: ofIndex.descriptor.digest },
        signed: { digest: index.descriptor.digest, what: 'index', platform: null },
        signer: { kind: 'certificate', identity: signer.identity, issuer: byMe[3] },
        source: {
          repository: 'https://github.com/me/app',
          owner: 'https://github.com/me',
          ref: 'refs/tags/v1',
          commit: 'c'.repeat(40),
          workflow: signer.identity,
          trigger: 'push',
          run: 'https://github.com/me/app/actions/runs/1/attempts/1',
          runner: 'github-hosted',
        },
        predicateType: 'https://slsa.dev/provenance/v1',
        times: [{ at: '2026-01-01T00:01:00.000Z', by: 'log' }],
        logEntries: [{ log: 'https://log.lading.example', index: '4711', kind: 'dsse 0.0.1' }],
        trustRoot: root[1],
      },
      rejected: [],
    })
  })

  test('gives scripts what was verified', async () => {
    const { stdout } = await verify(`${name}:1`, '--quiet', ...byMe)
    expect(stdout).toBe(`${name}@${index.descriptor.digest}\n`)
    const no = await verify(`${registry.host}/team/bare:1`, '--quiet', ...byMe)
    expect(no).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('not verified') as unknown,
    })
  })

  test.each([
    ['owner', ['--owner', 'Me']],
    ['repository', ['--repo', 'me/app']],
    ['workflow', ['--repo', 'me/app', '--signer-workflow', 'me/app/.github/workflows/release.yml']],
    ['ref', ['--owner', 'me', '--source-ref', 'refs/tags/v1']],
    ['commit', ['--owner', 'me', '--source-digest', 'c'.repeat(40)]],
    ['runner', ['--owner', 'me', '--deny-self-hosted-runners']],
    ["signer's repository", ['--owner', 'me', '--signer-repo', 'me/app']],
    ['owner and identity', ['--owner', 'me', '--identity', signer.identity]],
    ['pattern', ['--identity-pattern', 'https://github.com/me/app/*@refs/tags/*', ...byMe.slice(2)]],
    [
      "cosign's flags",
      [
        '--certificate-identity-regexp',
        '^https://github\\.com/me/.*$',
        '--certificate-oidc-issuer',
        byMe[3] ?? '',
      ],
    ],
    [
      "gh's flags",
      ['--owner', 'me', '--bundle-from-oci', '--predicate-type', 'https://slsa.dev/provenance/v1'],
    ],
  ])('says yes by the %s', async (_what, flags) => {
    const from = flags.some((flag) => /^--(?:owner|repo)$/.test(flag)) && !flags.includes('--bundle-from-oci')
    const { exitCode, stderr } = await verify(`${name}:1`, ...flags, ...(from ? ['--from', 'registry'] : []))
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  })

  test.each([
    [
      'an identity of the owner',
      'identity',
      ['--owner', 'me', '--identity', `${signer.identity}x`, '--offline'],
    ],
    ['the repository of a signer', 'signer', ['--owner', 'me', '--signer-repo', 'me/ap', '--offline']],
    ['an issuer of the owner', 'issuer', ['--owner', 'me', '--issuer', 'https://x.example', '--offline']],
    ['another owner', 'signer', ['--owner', 'm', '--offline']],
    ['another repository', 'signer', ['--repo', 'me/ap', '--offline']],
    ['another ref', 'source-ref', ['--owner', 'me', '--source-ref', 'refs/tags/v2', '--offline']],
    [
      'a pattern that almost matches',
      'identity',
      ['--identity-pattern', 'https://github.com/me/app/*@refs/tags', ...byMe.slice(2)],
    ],
    [
      'the beginning of an identity',
      'identity',
      ['--identity', signer.identity.slice(0, -1), ...byMe.slice(2)],
    ],
    [
      'another issuer',
      'issuer',
      ['--identity', signer.identity, '--issuer', 'https://token.actions.example'],
    ],
    ['a predicate that is not there', 'predicate-type', [...byMe, '--type', 'spdx']],
    ['a key', 'key', ['--key', 'KEY']],
  ])('says no to %s, and what failed first', async (_what, check, flags) => {
    const words = flags.map((flag) => (flag === 'KEY' ? keyFile : flag))
    const { exitCode, stdout } = await verify(`${name}:1`, '--json', ...words)
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      verified: false,
      satisfied: null,
      rejected: [{ found: { at: 'referrer', detail: ofIndex.descriptor.digest }, check }],
    })
  })

  test('shows every candidate of a no', async () => {
    const { exitCode, stdout } = await verify(`${name}:1`, '--identity', 'you', '--issuer', 'x')
    expect(exitCode).toBe(1)
    expect(stdout.split('\n')).toEqual([
      `not verified  ${name}:1  none of 1 signature shows what was asked for`,
      `  image  ${name}@${index.descriptor.digest}`,
      `  referrer ${ofIndex.descriptor.digest}`,
      `    identity  ${signer.identity} signed, and not you`,
      '',
    ])
  })

  test('says no to an image that nobody signed', async () => {
    const { exitCode, stdout, stderr } = await verify(`${registry.host}/team/bare:1`, ...byMe)
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' })
    expect(stdout).toContain('no signature was found')
  })

  test("takes a platform's signature for the platform, and not for the index", async () => {
    const image = `${registry.host}/team/platform:1`
    expect(await verify(image, ...byMe)).toMatchObject({ exitCode: 1 })
    expect(await verify(image, ...byMe, '--platform', 'linux/amd64')).toMatchObject({ exitCode: 1 })
    const { exitCode, stdout } = await verify(image, ...byMe, '--platform', 'linux/arm64', '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      digest: index.descriptor.digest,
      satisfied: { signed: { digest: arm64.descriptor.digest, what: 'platform', platform: 'linux/arm64' } },
    })
  })

  test("takes the index's signature for a platform in it", async () => {
    const { exitCode, stdout } = await verify(`${name}:1`, ...byMe, '--platform', 'linux/arm64', '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ satisfied: { signed: { what: 'index' } } })
  })

  test('does not take the signature of another image that refers to this one', async () => {
    await pushToRegistry(registry.host, {
      'team/other:1': amd64,
      'team/other:signature': bundleReferrer(provenance, amd64),
    })
    const { exitCode, stdout } = await verify(`${registry.host}/team/other:1`, ...byMe, '--json')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ rejected: [{ check: 'artifact' }] })
  })
})

describe("lading verify, with cosign's older format", () => {
  let registry: MemoryRegistry

  beforeAll(async () => {
    registry = await startMemoryRegistry()
  })

  afterAll(async () => {
    await registry.close()
  })

  const payload = simpleSigningPayload(amd64.descriptor.digest)
  const signed = cosignSignature(instance, signer, payload)
  const keyed = cosignSignature(instance, { key }, payload)
  const other = cosignSignature(instance, signer, simpleSigningPayload(arm64.descriptor.digest))
  const rekor = 'dev.sigstore.cosign/bundle'
  const certificate = 'dev.sigstore.cosign/certificate'

  test.each([
    ['a signature with a certificate', [signed], byMe],
    ['a signature with a key', [keyed], ['--key', 'KEY']],
    ['the second of two', [other, signed], byMe],
  ])('says yes to %s', async (_, layers, flags) => {
    expect(await verifySignature(layers, flags)).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test.each([
    ['another image in the payload', 'artifact', [other]],
    [
      'a payload that was changed',
      'log-entry',
      [{ ...signed, bytes: Buffer.concat([payload, Buffer.from(' ')]) }],
    ],
    ['no signature', 'unreadable', [annotated({ 'dev.cosignproject.cosign/signature': '' })]],
    [
      'the log entry of another signature',
      'log-entry',
      [annotated({ [rekor]: other.annotations[rekor] ?? '' })],
    ],
    ['the log entry of a key', 'log-entry', [annotated({ [rekor]: keyed.annotations[rekor] ?? '' })]],
    [
      'another certificate',
      'signature',
      [annotated({ [certificate]: other.annotations[certificate] ?? '' })],
    ],
    ['no log entry', 'time', [annotated({ [rekor]: '' })]],
    ['a log entry that is none', 'unreadable', [annotated({ [rekor]: '{}' })]],
    ['a certificate that is none', 'unreadable', [annotated({ [certificate]: 'x' })]],
  ])('says no to %s', async (_, check, layers) => {
    const { exitCode, stdout } = await verifySignature(layers, [...byMe, '--json'])
    expect(exitCode).toBe(1)
    expect(firstCheck(JSON.parse(stdout))).toBe(check)
  })

  test('reads attestations', async () => {
    const bundle = instance.attest(signer, { subjects: [amd64.descriptor.digest] })
    const image = await push('attested', {
      [cosignTag(amd64, 'att')]: cosignImage([cosignAttestation(instance, bundle)]),
    })
    expect(await verify(image, ...byMe)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await verify(image, ...byMe, '--type', 'cyclonedx')).toMatchObject({ exitCode: 1 })
  })

  test('takes a signature that nobody logged only where that was said', async () => {
    const unlogged = { ...keyed, annotations: { ...keyed.annotations, [rekor]: '' } }
    expect(await verifySignature([unlogged], ['--key', 'KEY'])).toMatchObject({ exitCode: 1 })
    const { exitCode, stdout } = await verifySignature([unlogged], ['--key', 'KEY', '--insecure-ignore-tlog'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/time +not proved/)
  })

  test('does not take the signature of another key', async () => {
    const another = cosignSignature(instance, { key: keyPair() }, payload)
    expect(await verifySignature([another], ['--key', 'KEY'])).toMatchObject({ exitCode: 1 })
  })

  function annotated(annotations: Readonly<Record<string, string>>): typeof signed {
    return { ...signed, annotations: { ...signed.annotations, ...annotations } }
  }

  async function verifySignature(
    layers: readonly (typeof signed)[],
    flags: readonly string[],
  ): Promise<CliResult> {
    const image = await push('signed', { [cosignTag(amd64, 'sig')]: cosignImage(layers) })
    return verify(image, ...flags.map((flag) => (flag === 'KEY' ? keyFile : flag)))
  }

  async function push(repository: string, tags: Readonly<Record<string, FixtureImage>>): Promise<string> {
    for (const [tag, image] of Object.entries({ ...tags, 1: amd64 }))
      await pushToRegistry(registry.host, { [`${repository}:${tag}`]: image })
    return `${registry.host}/${repository}:1`
  }
})

describe('lading verify, where it cannot be told', () => {
  test('fails, and does not say no, when a listing fails', async () => {
    await using server = await startServer((request, response) => {
      const path = request.url ?? ''
      const isImage =
        path.startsWith('/v2/app/manifests/1') || path.endsWith(`manifests/${amd64.descriptor.digest}`)
      if (path === '/v2/') response.writeHead(200).end()
      else if (isImage) {
        response.writeHead(200, { 'content-type': amd64.descriptor.mediaType })
        response.end(request.method === 'HEAD' ? undefined : amd64.bytes)
      } else response.writeHead(path.includes('/manifests/') ? 404 : 403).end()
    })
    const { exitCode, stdout, stderr } = await verify(`127.0.0.1:${server.port}/app:1`, ...byMe)
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(stderr).toMatch(/^error: Cannot .*referrers/)
  })

  test('fails when GitHub limits the rate, and says no only when GitHub says that there are none', async () => {
    await withImage({}, async (image) => {
      const limited = { status: 403, headers: { 'x-ratelimit-remaining': '0' } }
      const first = await askingGithub([[list(), limited]], image)
      expect(first).toMatchObject({ exitCode: 3, stdout: '' })
      expect(first.stderr).toContain('GITHUB_TOKEN')
      const second = await askingGithub([[list(), { body: '{"attestations":[]}' }]], image)
      expect(second).toMatchObject({ exitCode: 1, stderr: '' })
    })
  })

  test("says yes by GitHub's attestations", async () => {
    await withImage({}, async (image) => {
      const body = JSON.stringify({ attestations: [{ bundle: provenance }] })
      const { exitCode, stdout } = await askingGithub([[list(), { body }]], image)
      expect(exitCode).toBe(0)
      expect(stdout).toMatch(/found +GitHub's attestations of me\/app #1/)
    })
  })

  test('does not ask GitHub what the registry has shown', async () => {
    await withImage({ 'app:signature': ofIndex }, async (image) => {
      expect(await askingGithub([], image)).toMatchObject({ exitCode: 0, stderr: '' })
    })
  })

  test('asks GitHub alone where that is wanted', async () => {
    await withImage({ 'app:signature': ofIndex }, async (image) => {
      const answer = { body: '{"attestations":[]}' }
      expect(await askingGithub([[list(), answer]], image, '--from', 'github')).toMatchObject({ exitCode: 1 })
    })
  })
})

describe('lading verify, of a layout', () => {
  let layout: string

  beforeAll(async () => {
    const directory = join(folder, 'layout')
    await writeLayout(directory, { 1: index, '': ofIndex, bare: amd64 })
    layout = `oci:${directory}`
  })

  test('touches no network with --offline', async () => {
    const connect = vi.spyOn(Socket.prototype, 'connect').mockImplementation(() => {
      throw new Error('a socket was opened')
    })
    try {
      expect(await verify(`${layout}:1`, '--owner', 'me', '--offline')).toMatchObject({
        exitCode: 0,
        stderr: '',
      })
      expect(connect).not.toHaveBeenCalled()
    } finally {
      connect.mockRestore()
    }
  })

  test('the same with the built-in trust root, which knows nothing of this authority', async () => {
    const connect = vi.spyOn(Socket.prototype, 'connect')
    try {
      const { exitCode, stdout } = await runCli([
        'verify',
        '--offline',
        '--owner',
        'me',
        '--json',
        `${layout}:1`,
      ])
      expect(exitCode).toBe(1)
      expect(firstCheck(JSON.parse(stdout))).toBe('trust-root')
      const { stderr } = await runCli(['verify', '--offline', '--owner', 'me', `${layout}:1`])
      expect(stderr).toContain('try: lading trust update')
      expect(connect).not.toHaveBeenCalled()
    } finally {
      connect.mockRestore()
    }
  })

  test('keeps bundles in a file, and verifies by them', async () => {
    const file = join(folder, 'kept.jsonl')
    expect(await verify(`${layout}:1`, ...byMe, '--save-bundles', file)).toMatchObject({
      exitCode: 0,
      stderr: '',
    })
    expect(
      (await readFile(file, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([provenance])
    const { exitCode, stdout } = await verify(`${layout}:1`, ...byMe, '--bundle', file)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/found +.*kept\.jsonl:1/)
    expect(await verify(`${layout}:bare`, ...byMe, '--bundle', file)).toMatchObject({ exitCode: 1 })
    const given = await runCli(['verify', ...byMe, ...root, '--bundle', '-', `${layout}:1`], {
      stdin: JSON.stringify(provenance, null, 2),
    })
    expect(given).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('keeps what can be read again, whatever else is attached to the image', async () => {
    const odd = [
      '5',
      `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      // Written out these numbers take four times the room.
      `{"a":[${Array.from({ length: 900_000 }, () => '1e20').join(',')}]}`,
    ]
    const artifactType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
    const referrers = odd.map((payload) =>
      buildArtifact({ artifactType, payload, subject: index.descriptor }),
    )
    const littered = join(folder, 'littered')
    await writeLayout(littered, { 1: index, '': ofIndex })
    for (const referrer of referrers) await writeLayout(littered, { '': referrer })
    const file = join(folder, 'littered.jsonl')
    const { exitCode, stderr } = await verify(`oci:${littered}:1`, ...byMe, '--save-bundles', file)
    expect(exitCode).toBe(0)
    expect(stderr).toContain(`3 signatures are not in ${file}`)
    expect(await verify(`oci:${littered}:1`, ...byMe, '--bundle', file)).toMatchObject({ exitCode: 0 })
  })

  test('says that a file holds no bundles', async () => {
    const file = join(folder, 'empty.jsonl')
    await writeFile(file, '')
    const { exitCode, stderr } = await verify(`${layout}:1`, ...byMe, '--bundle', file)
    expect(exitCode).toBe(3)
    expect(stderr).toContain('it is empty')
  })

  test('without criteria shows who claims to have signed, and how to ask for them', async () => {
    const { exitCode, stdout, stderr } = await verify(`${layout}:1`)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain('claims to be signed by (unverified)')
    expect(stderr).toContain(signer.identity)
    expect(stderr).toContain('whom to trust is not said')
    expect(stderr).toContain(`lading verify --repo me/app ${layout}:1`)
  })

  test('without criteria and without claims shows what can be asked', async () => {
    const { exitCode, stderr } = await verify(`${layout}:bare`)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(`nothing is attached to ${layout}:bare that says who signed it`)
    expect(stderr).toContain('--owner NAME')
  })

  test("shows a person's claim so that it can be pasted", async () => {
    const file = join(folder, 'person.json')
    const odd = { ...person, identity: "o'me; rm@example.com" }
    await writeFile(file, JSON.stringify(instance.attest(odd, { subjects: [index.descriptor.digest] })))
    const { stderr } = await verify(`${layout}:1`, '--bundle', file)
    expect(stderr).toContain(
      String.raw`--identity 'o'\''me; rm@example.com' --issuer https://accounts.example`,
    )
  })

  test.each([
    ['two criteria for one thing', ['--identity', 'a', '--certificate-identity', 'a', '--issuer', 'b']],
    ['an identity without issuer', ['--identity', 'a']],
    ['an issuer without identity', ['--issuer', 'a']],
    ['a key and an identity', ['--key', 'k', '--identity', 'a', '--issuer', 'b']],
    ['a key and an owner', ['--key', 'KEY', '--owner', 'me']],
    ['an owner and a repository', ['--owner', 'me', '--repo', 'me/app']],
    ['an owner that is a repository', ['--owner', 'me/app']],
    ['a repository without owner', ['--repo', 'app']],
    ['a rule of GitHub without owner', [...byMe, '--source-ref', 'refs/heads/main']],
    ['an expression that no glob says', ['--certificate-identity-regexp', '^(a|b)$', '--issuer', 'b']],
    ['a predicate type that is none', [...byMe, '--type', 'nonsense']],
    ['an empty identity', ['--identity', '', '--issuer', 'b']],
    ['a pattern of everybody', ['--identity-pattern', '*', '--issuer', 'b']],
    ['GitHub offline', ['--owner', 'me', '--from', 'github', '--offline']],
    ['GitHub without owner', [...byMe, '--from', 'github']],
    ['a file and a place', [...byMe, '--bundle', 'f', '--from', 'registry']],
    ['no log for a certificate', [...byMe, '--insecure-ignore-tlog']],
    ['two signers', ['--owner', 'me', '--signer-repo', 'a/b', '--signer-workflow', 'a/b/c']],
  ])('refuses %s', async (_, flags) => {
    const { exitCode, stdout, stderr } = await verify(
      `${layout}:1`,
      ...flags.map((flag) => (flag === 'KEY' ? keyFile : flag)),
    )
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^error: Cannot/)
  })
})

function verify(image: string, ...flags: readonly string[]): Promise<CliResult> {
  return runCli(['verify', ...flags, ...root, image])
}

function list(): ScriptedExchange[0] {
  return { method: 'GET', path: `/repos/me/app/attestations/${index.descriptor.digest}?per_page=30` }
}

function askingGithub(
  exchanges: readonly ScriptedExchange[],
  image: string,
  ...flags: readonly string[]
): Promise<CliResult> {
  return withScriptedServer(exchanges, ({ origin }) =>
    runCli(['verify', '--repo', 'me/app', ...root, ...flags, image], {
      environment: { GITHUB_API_URL: origin },
    }),
  )
}

async function withImage(
  more: Readonly<Record<string, FixtureImage>>,
  use: (image: string) => Promise<void>,
): Promise<void> {
  const registry = await startMemoryRegistry()
  try {
    await pushToRegistry(registry.host, { 'app:1': index, ...more })
    await use(`${registry.host}/app:1`)
  } finally {
    await registry.close()
  }
}

function firstCheck(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('rejected' in answer)) return undefined
  const first: unknown = Array.isArray(answer.rejected) ? answer.rejected[0] : undefined
  return typeof first === 'object' && first !== null && 'check' in first ? first.check : undefined
}
