import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildArtifact, buildImage, buildIndex } from '../../../test/fixtures/build-image.ts'
import { startServer } from '../../../test/fixtures/http-server.ts'
import {
  type MemoryRegistry,
  type MemoryRegistryOptions,
  startMemoryRegistry,
} from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { type CliResult, runCli, type RunCliOptions } from '../../../test/fixtures/run-cli.ts'
import { writeLayout } from '../../../test/fixtures/write-layout.ts'

const amd64 = buildImage({ layers: [{ a: '1' }] })
const arm64 = buildImage({ layers: [{ a: '2' }], platform: { os: 'linux', architecture: 'arm64' } })
const attestation = buildArtifact({ payload: '{}' })
const index = buildIndex([
  amd64,
  arm64,
  {
    ...attestation,
    descriptor: {
      ...attestation.descriptor,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    },
  },
])
const { digest } = index.descriptor

let folder: string
let key: string
let publicKey: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-sign-'))
  key = join(folder, 'app.key')
  publicKey = join(folder, 'app.pub')
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'a password' }
  await writeFile(key, pair.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  await writeFile(`${key}.sealed`, pair.privateKey.export({ format: 'pem', type: 'pkcs8', ...cipher }))
  await writeFile(publicKey, pair.publicKey.export({ format: 'pem', type: 'spki' }))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each([
  ['the referrers API', true],
  ['fallback tags', false],
])('lading sign --key, at a registry with %s', (_, referrers) => {
  test('signs what verify --key takes and referrers shows', async () => {
    const { host, image } = await start({ referrers })
    const { exitCode, stdout, stderr } = await sign([image])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('no log knows of this signature')
    expect(stdout).toContain(`signed  ${image}`)
    expect(await verify(image)).toMatchObject({ exitCode: 0, stderr: '' })
    const shown = await runCli(['referrers', `${host}/app:1`])
    expect(shown.stdout).toContain('application/vnd.dev.sigstore.bundle.v0.3+json')
    expect(await verify(`${host}/app@${amd64.descriptor.digest}`)).toMatchObject({ exitCode: 1 })
  })

  test('signs the platforms too, and not what is attested beside them', async () => {
    const { host, image } = await start({ referrers })
    const { stdout } = await sign(['--recursive', '--json', image])
    expect(JSON.parse(stdout)).toMatchObject({
      name: image,
      digest,
      predicateType: 'https://sigstore.dev/cosign/sign/v1',
      signer: { kind: 'key', key },
      signatures: [
        { digest: amd64.descriptor.digest, platform: 'linux/amd64', log: [] },
        { digest: arm64.descriptor.digest, platform: 'linux/arm64' },
        { digest, stored: { kind: 'referrer' } },
      ],
    })
    for (const each of [digest, amd64.descriptor.digest, arm64.descriptor.digest])
      expect(await verify(`${host}/app@${each}`)).toMatchObject({ exitCode: 0 })
    expect(await verify(`${host}/app@${attestation.descriptor.digest}`)).toMatchObject({ exitCode: 1 })
  })
})

describe('lading sign', () => {
  test('signs an image that is not pushed yet, by its layout', async () => {
    const { registry, host } = await start({})
    const layout = join(folder, 'build')
    const other = buildImage({ layers: [{ new: 'image' }] })
    await writeLayout(layout, { new: other })
    const image = `${host}/other@${other.descriptor.digest}`
    const without = await sign([image])
    expect(without).toMatchObject({ exitCode: 3, stdout: '' })
    expect(without.stderr).toContain('--source oci:DIR')
    expect(await sign(['--source', `oci:${layout}`, image])).toMatchObject({ exitCode: 0 })
    expect([...registry.tags('other')]).toEqual([])
    await pushToRegistry(host, { 'other:1': other })
    expect(await verify(`${host}/other:1`)).toMatchObject({ exitCode: 0 })
  })

  test('signs the digest that stands behind a tag, as copy --quiet prints it', async () => {
    const { host } = await start({})
    expect(await sign([`${host}/app:1@${digest}`])).toMatchObject({ exitCode: 0 })
    expect(await verify(`${host}/app:1`)).toMatchObject({ exitCode: 0 })
  })

  test('refuses a tag, and shows the digest to paste', async () => {
    const { registry, host } = await start({})
    const before = registry.blobs('app').length
    const { exitCode, stdout, stderr } = await sign([`${host}/app:1`])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(`${host}/app@${digest}`)
    expect(registry.blobs('app')).toHaveLength(before)
  })

  test('asks for the digest of a tag on a terminal', async () => {
    const { host } = await start({})
    const yes = await sign([`${host}/app:1`], { tty: true, stdin: 'y' })
    expect(yes.stderr).toContain(digest)
    expect(yes.exitCode).toBe(0)
    expect(await verify(`${host}/app:1`)).toMatchObject({ exitCode: 0 })
  })

  test('stores in a layout', async () => {
    const layout = join(folder, 'layout')
    await writeLayout(layout, { 1: index })
    expect(await sign([`oci:${layout}@${digest}`])).toMatchObject({ exitCode: 0 })
    expect(await verify(`oci:${layout}:1`)).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['--repository', (host: string) => [['--repository', `${host}/signatures`], {}] as const],
    ['COSIGN_REPOSITORY', (host: string) => [[], { COSIGN_REPOSITORY: `${host}/signatures` }] as const],
  ])('stores in another repository: %s', async (_, choose) => {
    const { registry, host, image } = await start({ referrers: false })
    const [flags, environment] = choose(host)
    const { stdout } = await sign(['--quiet', ...flags, image], { environment })
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/)
    expect([...registry.tags('signatures').keys()]).toEqual([digest.replace(':', '-')])
    expect([...registry.tags('app').keys()]).toEqual(['1'])
    const verifying = ['verify', '--key', publicKey, '--insecure-ignore-tlog', image]
    expect(await runCli([...verifying, ...flags], { environment })).toMatchObject({ exitCode: 0 })
    expect(await runCli(verifying)).toMatchObject({ exitCode: 1 })
  })

  test('writes the bundle to a file, and asks nobody', async () => {
    const file = join(folder, 'bundle.json')
    const image = `registry.invalid/app@${digest}`
    const { exitCode, stdout } = await sign(['--bundle-out', file, image])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`nowhere but in ${file}`)
    const layout = join(folder, 'for-bundle')
    await writeLayout(layout, { 1: index })
    expect(await verify(`oci:${layout}:1`, '--bundle', file)).toMatchObject({ exitCode: 0 })
    const shown = await sign(['--bundle-out', '-', image])
    expect(JSON.parse(shown.stdout)).toMatchObject({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    })
    expect(shown.stderr).toContain('signed')
  })

  test('says annotations with the subject, as cosign does', async () => {
    const { stdout } = await sign([
      '--bundle-out',
      '-',
      '-a',
      'version=1.4=2',
      '-a',
      'by=',
      `r.invalid/a@${digest}`,
    ])
    expect(statementIn(stdout)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: digest.slice(7) }, annotations: { version: '1.4=2', by: '' } }],
      predicateType: 'https://sigstore.dev/cosign/sign/v1',
      predicate: {},
    })
  })

  test("writes cosign's older tag, and adds to it", async () => {
    const { registry, host, image } = await start({})
    const flags = ['--format', 'cosign-v2', '-a', 'a=b']
    expect(await sign([...flags, image])).toMatchObject({ exitCode: 0 })
    const { stdout } = await sign([...flags, '--json', image])
    const tag = `${digest.replace(':', '-')}.sig`
    expect(JSON.parse(stdout)).toMatchObject({
      predicateType: null,
      signatures: [
        { stored: { kind: 'tag', name: `${host}/app:${tag}`, tag, digest: registry.tags('app').get(tag) } },
      ],
    })
    expect(await verify(image)).toMatchObject({ exitCode: 0 })
  })

  test('takes the password of a sealed key from the environment, and says it nowhere', async () => {
    const sealed = [
      'sign',
      '--no-log',
      '--debug',
      '--bundle-out',
      '-',
      '--key',
      `${key}.sealed`,
      `r.invalid/a@${digest}`,
    ]
    const right = await runCli(sealed, { environment: { COSIGN_PASSWORD: 'a password' } })
    expect(right.exitCode).toBe(0)
    const wrong = await runCli(sealed, { environment: { LADING_KEY_PASSWORD: 'a wrong one' } })
    expect(wrong).toMatchObject({ exitCode: 3, stdout: '' })
    expect(`${right.stderr}${wrong.stderr}`).not.toMatch(/a password|a wrong one/)
    const none = await runCli(sealed)
    expect(none.exitCode).toBe(2)
    expect(none.stderr).toContain('COSIGN_PASSWORD')
  })

  test('leaves nothing where it is not allowed to push, and signs nothing', async () => {
    const auth = { kind: 'basic', username: 'me', password: 'secret', anonymousPull: true } as const
    const { registry, image } = await start({ auth })
    const layout = join(folder, 'not-pushed')
    await writeLayout(layout, { 1: index })
    const { exitCode, stdout, stderr } = await sign(['--source', `oci:${layout}`, image])
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(stderr).toContain('credentials')
    expect(registry.blobs('app')).toEqual([])
  })

  test.each([
    ['a folder that is not there', () => ['--bundle-out', join(folder, 'none', 'bundle.json')]],
    ['a folder in place of the file', () => ['--bundle-out', folder]],
    ["a registry that takes nothing, in cosign's older format", () => ['--format', 'cosign-v2']],
  ])('shows nothing to a log that could not be stored: %s', async (_, where) => {
    await using log = await startServer((_request, response) => void response.writeHead(500).end())
    const auth = { kind: 'basic', username: 'me', password: 'secret', anonymousPull: true } as const
    const { registry, image } = await start({ auth })
    const flags = ['--key', key, '--rekor-url', log.url.href, ...where()]
    expect(await runCli(['sign', ...flags, image])).toMatchObject({ exitCode: 3, stdout: '' })
    expect(log.connections()).toBe(0)
    expect(registry.blobs('app')).toEqual([])
  })

  test('does not write the bundle over the key', async () => {
    const before = await readFile(key, 'utf8')
    const { exitCode } = await sign(['--bundle-out', key, `r.invalid/a@${digest}`])
    expect(exitCode).toBe(2)
    expect(await readFile(key, 'utf8')).toBe(before)
  })

  test.each([
    ['a key and an authority', ['--key', 'k', '--fulcio-url', 'https://f.example']],
    ['a key and a token', ['--key', 'k', '--identity-token', 'f']],
    ['a key and an issuer', ['--key', 'k', '--oidc-issuer', 'https://i.example']],
    ['a log and none', ['--key', 'k', '--no-log', '--rekor-url', 'https://r.example']],
    ['a config and a URL', ['--signing-config', 'f', '--rekor-url', 'https://r.example']],
    ["an authority of one's own and the public log", ['--fulcio-url', 'https://f.example']],
    ['a certificate without witness', ['--no-log']],
    ['an URL that is not https', ['--fulcio-url', 'http://f.example', '--rekor-url', 'https://r.example']],
    ['a file and a repository', ['--key', 'k', '--bundle-out', 'f', '--repository', 'r.example/a']],
    ['a file and GitHub', ['--bundle-out', 'f', '--to', 'github']],
    ['a bundle and an answer at one place', ['--key', 'k', '--bundle-out', '-', '--json']],
    ['GitHub and a repository', ['--to', 'github', '--repository', 'r.example/a']],
    ['GitHub and a key', ['--to', 'github', '--key', 'k']],
    ['GitHub without a token', ['--to', 'github']],
    ['a repository with a tag', ['--key', 'k', '--repository', 'r.example/a:1']],
    ['an annotation without value', ['--key', 'k', '-a', 'a']],
    ['two annotations of one name', ['--key', 'k', '-a', 'a=1', '-a', 'a=2']],
    [
      "cosign's older format without log and key",
      ['--format', 'cosign-v2', '--no-log', '--timestamp-url', 'https://t.example'],
    ],
    ['a token on the command line', ['--identity-token', 'eyJhbGciOiJub25lIn0.e30.']],
  ])('refuses %s, asking nobody', async (_, flags) => {
    const { registry, image } = await start({})
    registry.requests.splice(0)
    const { exitCode, stdout, stderr } = await runCli(['sign', ...flags, image])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^error: Cannot/)
    expect(stderr).not.toContain('eyJ')
    expect(registry.requests.filter(({ path }) => !path.includes('manifests'))).toEqual([])
  })

  test('says where an identity could come from', async () => {
    const { exitCode, stderr } = await runCli(['sign', '--bundle-out', '-', `r.invalid/a@${digest}`])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('--identity-token FILE or --key FILE')
  })

  test('refuses an archive, which keeps no signatures', async () => {
    const { exitCode, stderr } = await sign([`oci-archive:a.tar@${digest}`])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--bundle-out FILE')
  })
})

function sign(words: readonly string[], options: RunCliOptions = {}): Promise<CliResult> {
  return runCli(['sign', '--key', key, '--no-log', ...words], options)
}

function verify(image: string, ...flags: readonly string[]): Promise<CliResult> {
  return runCli(['verify', '--key', publicKey, '--insecure-ignore-tlog', ...flags, image])
}

async function start(
  options: MemoryRegistryOptions,
): Promise<{ readonly registry: MemoryRegistry; readonly host: string; readonly image: string }> {
  const registry = await startMemoryRegistry(options)
  onTestFinished(() => registry.close())
  if (options.auth === undefined) await pushToRegistry(registry.host, { 'app:1': index })
  return { registry, host: registry.host, image: `${registry.host}/app@${digest}` }
}

function statementIn(bundle: string): unknown {
  const document: unknown = JSON.parse(bundle)
  const [, payload = ''] = /"payload":"([^"]*)"/.exec(JSON.stringify(document)) ?? []
  return JSON.parse(Buffer.from(payload, 'base64').toString())
}
