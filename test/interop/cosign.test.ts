import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateKeyPair } from '../../src/signing/index.ts'
import { buildImage } from '../fixtures/build-image.ts'
import { type OidcIssuer, startOidcIssuer } from '../fixtures/oidc-issuer.ts'
import { type CliResult, runCli } from '../fixtures/run-cli.ts'
import { startServe } from '../fixtures/serve-process.ts'
import { type SigstoreServers, startSigstoreServers } from '../fixtures/sigstore-servers/sigstore-servers.ts'
import { writeLayout } from '../fixtures/write-layout.ts'
import { type CosignFolder, cosignFolder, cosignPassword, unlogged } from './cosign-run.ts'
import { startDockerRegistry } from './docker-registry.ts'
import { because, lacks } from './peer.ts'
import type { ProgramResult } from './run-program.ts'

const image = buildImage()
const predicateType = 'https://example.com/predicate'
const formats = [
  ['a bundle', 'true'],
  ["cosign's older tags", 'false'],
] as const

let folder: string
let issuer: OidcIssuer
let servers: SigstoreServers
let cosign: CosignFolder

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-cosign-'))
  issuer = await startOidcIssuer(Date.now)
  servers = await startSigstoreServers({ issuers: [issuer.url] })
  if (lacks('cosign')) return
  cosign = await cosignFolder(folder, servers.trustedRoot)
  await writeLayout(join(folder, 'layout'), { image })
  await Promise.all([
    cosign.mustRun('generate-key-pair', '--output-key-prefix=other'),
    writeFile(join(folder, 'predicate.json'), '{"made":"by interop"}'),
    ...([1, 2] as const).map((rekor) =>
      writeFile(join(folder, `rekor${rekor}.json`), JSON.stringify(servers.signingConfig(rekor, issuer.url))),
    ),
    writeFile(
      join(folder, 'token'),
      await issuer.token({ aud: 'sigstore', email: 'me@example.com', email_verified: true }),
    ),
  ])
})

afterAll(async () => {
  await servers[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

describe.each([
  ["Debian's registry", ['cosign', 'docker-registry'], startDockerRegistry],
  ["Lading's registry", ['cosign'], startServe],
] as const)('at %s', (_, peers, start) => {
  describe.skipIf(lacks(...peers))(`what cosign signed is verified${because(...peers)}`, () => {
    let registry: Awaited<ReturnType<typeof start>>

    beforeAll(async () => {
      registry = await start()
    })

    afterAll(async () => {
      await registry.stop()
    })

    test.each(formats)('with a key, as %s', async (_format, isNew) => {
      const name = await pushed(registry.host, `key-${isNew}`)
      await cosign.mustRun('sign', '--key=cosign.key', `--new-bundle-format=${isNew}`, ...unlogged, name)
      expect(await verify(name, ladingByKey())).toMatchObject({ exitCode: 0 })
      // Only who asks for it takes what no log has seen.
      expect(await verify(name, ladingByKey().slice(0, 2))).toMatchObject({ exitCode: 1 })
    })

    test.each(formats)('with a key over a statement, as %s', async (_format, isNew) => {
      const name = await pushed(registry.host, `statement-${isNew}`)
      await cosign.mustRun(
        'attest',
        '--key=cosign.key',
        `--new-bundle-format=${isNew}`,
        '--predicate=predicate.json',
        `--type=${predicateType}`,
        ...unlogged,
        name,
      )
      expect(await verify(name, [...ladingByKey(), '--predicate-type', predicateType])).toMatchObject({
        exitCode: 0,
      })
      expect(await verify(name, [...ladingByKey(), '--predicate-type', `${predicateType}s`])).toMatchObject({
        exitCode: 1,
      })
    })

    test.each(['dsse', 'intoto'])('with a key, in a log as %s', async (kind) => {
      const name = await pushed(registry.host, `logged-${kind}`)
      const log = ['--use-signing-config=false', `--rekor-url=${servers.rekor.href}`]
      const said = ['--predicate=predicate.json', `--type=${predicateType}`]
      const trusting = ['--trusted-root=root.json', '--new-bundle-format=false', '--yes']
      const entry = `--rekor-entry-type=${kind}`
      await cosign.mustRun('attest', '--key=cosign.key', ...log, entry, ...said, ...trusting, name)
      const asked = ['--predicate-type', predicateType, '--json']
      const logged = await verify(name, ['--key', join(folder, 'cosign.pub'), ...asked])
      expect(JSON.parse(logged.stdout)).toMatchObject({
        satisfied: { logEntries: [{ kind: `${kind} 0.0.1` }], times: [{ by: 'log' }] },
      })
      const byAnother = ['--key', join(folder, 'other.pub'), ...asked]
      expect(await verify(name, byAnother)).toMatchObject({ exitCode: 1 })
    })

    test("by an identity, as cosign's older tags", async () => {
      const name = await pushed(registry.host, 'older')
      const services = [`--fulcio-url=${servers.fulcio.href}`, `--rekor-url=${servers.rekor.href}`]
      const older = ['--new-bundle-format=false', '--use-signing-config=false', '--trusted-root=root.json']
      const flags = ['--identity-token=token', ...services, ...older, '--yes']
      const said = ['--predicate=predicate.json', `--type=${predicateType}`]
      await cosign.mustRun('sign', ...flags, name)
      await cosign.mustRun('attest', ...flags, ...said, '--rekor-entry-type=intoto', name)
      expect(await verify(name, identity('me@example.com'))).toMatchObject({ exitCode: 0 })
      expect(await verify(name, identity('you@example.com'))).toMatchObject({ exitCode: 1 })
      const asked = ['--predicate-type', predicateType]
      expect(await verify(name, [...identity('me@example.com'), ...asked])).toMatchObject({ exitCode: 0 })
    })

    test.each([1, 2] as const)('by an identity, with Rekor v%i', async (rekor) => {
      const name = await pushed(registry.host, `rekor-${rekor}`)
      const config = [`--signing-config=rekor${rekor}.json`, '--trusted-root=root.json']
      await cosign.mustRun('sign', '--identity-token=token', ...config, '--yes', name)
      expect(await verify(name, identity('me@example.com'))).toMatchObject({ exitCode: 0 })
      expect(await verify(name, identity('you@example.com'))).toMatchObject({ exitCode: 1 })
    })
  })

  describe.skipIf(lacks(...peers))(`what Lading signed is verified by cosign${because(...peers)}`, () => {
    let registry: Awaited<ReturnType<typeof start>>

    beforeAll(async () => {
      registry = await start()
    })

    afterAll(async () => {
      await registry.stop()
    })

    test.each(formats)('with a key that cosign made, as %s', async (_format, isNew) => {
      const name = await pushed(registry.host, `own-key-${isNew}`)
      await succeeded(lading('sign', '--key', cosignKey(), '--no-log', ...formatWords(isNew), name))
      const verified = ['verify', ...cosignByKey('cosign.pub', isNew), name]
      expect(await cosign.mustRun(...verified)).toContain(image.descriptor.digest)
      expect(await cosign.run('verify', ...cosignByKey('other.pub', isNew), name)).not.toMatchObject({
        code: 0,
      })
    })

    test.each(formats)('with a key over a statement, as %s', async (_format, isNew) => {
      const name = await pushed(registry.host, `own-statement-${isNew}`)
      const said = ['--type', predicateType, '--predicate', join(folder, 'predicate.json')]
      await succeeded(
        lading('attest', '--key', cosignKey(), '--no-log', ...said, ...formatWords(isNew), name),
      )
      const verifyAs = (type: string): Promise<ProgramResult> =>
        cosign.run('verify-attestation', `--type=${type}`, ...cosignByKey('cosign.pub', isNew), name)
      expect(await verifyAs(predicateType)).toMatchObject({ code: 0 })
      expect(await verifyAs(`${predicateType}s`)).not.toMatchObject({ code: 0 })
    })

    test("by an identity, as cosign's older tag", async () => {
      const name = await pushed(registry.host, 'own-older')
      const trusting = ['--trusted-root', join(folder, 'root.json')]
      const config = ['--signing-config', join(folder, 'rekor1.json'), '--format', 'cosign-v2']
      await succeeded(lading('sign', ...config, ...trusting, '--identity-token', join(folder, 'token'), name))
      const verifyAs = (person: string): Promise<ProgramResult> =>
        cosign.run(
          'verify',
          '--trusted-root=root.json',
          '--new-bundle-format=false',
          `--certificate-identity=${person}`,
          `--certificate-oidc-issuer=${issuer.url}`,
          name,
        )
      expect(await verifyAs('me@example.com')).toMatchObject({ code: 0 })
      expect(await verifyAs('you@example.com')).not.toMatchObject({ code: 0 })
    })

    test.each([1, 2] as const)('by an identity, with Rekor v%i', async (rekor) => {
      const name = await pushed(registry.host, `own-rekor-${rekor}`)
      const config = ['--signing-config', join(folder, `rekor${rekor}.json`)]
      const trusting = ['--trusted-root', join(folder, 'root.json')]
      const token = ['--identity-token', join(folder, 'token')]
      await succeeded(lading('sign', ...config, ...trusting, ...token, name))
      const verifyAs = (person: string): Promise<ProgramResult> =>
        cosign.run(
          'verify',
          '--trusted-root=root.json',
          `--certificate-identity=${person}`,
          `--certificate-oidc-issuer=${issuer.url}`,
          ...(rekor === 2 ? ['--use-signed-timestamps'] : []),
          name,
        )
      expect(await verifyAs('me@example.com')).toMatchObject({ code: 0 })
      expect(await verifyAs('you@example.com')).not.toMatchObject({ code: 0 })
    })
  })
})

describe.skipIf(lacks('cosign'))(`files${because('cosign')}`, () => {
  test('a bundle that Lading wrote is verified by cosign over the statement that it holds', async () => {
    const bundle = join(folder, 'own-bundle.json')
    const said = ['--type', predicateType, '--predicate', join(folder, 'predicate.json')]
    const place = `oci:${join(folder, 'layout')}@${image.descriptor.digest}`
    await succeeded(
      lading('attest', '--key', cosignKey(), '--no-log', ...said, '--bundle-out', bundle, place),
    )
    const [algorithm = '', hex = ''] = image.descriptor.digest.split(':')
    const verifyOf = (digest: string): Promise<ProgramResult> =>
      cosign.run(
        'verify-blob-attestation',
        ...cosignByKey('cosign.pub', 'true'),
        `--bundle=${bundle}`,
        `--type=${predicateType}`,
        `--digest=${digest}`,
        `--digestAlg=${algorithm}`,
      )
    expect(await verifyOf(hex)).toMatchObject({ code: 0 })
    expect(await verifyOf('0'.repeat(64))).not.toMatchObject({ code: 0 })
  })

  test('a key that Lading made signs with cosign', async () => {
    const { privateKeyPem, publicKeyPem } = await generateKeyPair({ password: cosignPassword })
    const bundle = join(folder, 'made-key-bundle.json')
    const path = join(folder, 'predicate.json')
    await writeFile(join(folder, 'made.key'), privateKeyPem)
    await writeFile(join(folder, 'made.pub'), publicKeyPem)
    await cosign.mustRun('sign-blob', '--key=made.key', ...unlogged, `--bundle=${bundle}`, path)
    const verified = lading('verify-blob', ...ladingByKey('made.pub'), '--bundle', bundle, path)
    expect(await verified).toMatchObject({ exitCode: 0 })
  })

  test('what cosign signed of a file is verified by verify-blob', async () => {
    const [path, bundle] = [join(folder, 'predicate.json'), join(folder, 'blob.json')]
    await cosign.mustRun('sign-blob', '--key=cosign.key', ...unlogged, `--bundle=${bundle}`, path)
    const verifyBlob = (file: string): Promise<CliResult> =>
      lading('verify-blob', ...ladingByKey(), '--bundle', bundle, file)
    expect(await verifyBlob(path)).toMatchObject({ exitCode: 0 })
    expect(await verifyBlob(join(folder, 'root.json'))).toMatchObject({ exitCode: 1 })
  })
})

function cosignKey(): string {
  return join(folder, 'cosign.key')
}

/** Lading's words for one of the {@link formats}. */
function formatWords(isNew: string): readonly string[] {
  return isNew === 'true' ? [] : ['--format', 'cosign-v2']
}

function ladingByKey(key = 'cosign.pub'): readonly string[] {
  return ['--key', join(folder, key), '--insecure-ignore-tlog']
}

function cosignByKey(key: string, isNew: string): readonly string[] {
  return [
    `--key=${key}`,
    '--insecure-ignore-tlog',
    '--trusted-root=root.json',
    `--new-bundle-format=${isNew}`,
  ]
}

function lading(...words: readonly string[]): Promise<CliResult> {
  return runCli(words, { environment: { COSIGN_PASSWORD: cosignPassword } })
}

async function succeeded(run: Promise<CliResult>): Promise<void> {
  const { exitCode, stderr } = await run
  if (exitCode !== 0) throw new Error(stderr)
}

async function pushed(host: string, tag: string): Promise<string> {
  const { exitCode, stderr } = await runCli([
    'copy',
    `oci:${join(folder, 'layout')}:image`,
    `${host}/${tag}:v1`,
  ])
  if (exitCode !== 0) throw new Error(stderr)
  return `${host}/${tag}@${image.descriptor.digest}`
}

function identity(name: string): readonly string[] {
  return ['--identity', name, '--issuer', issuer.url]
}

function verify(name: string, flags: readonly string[]): Promise<CliResult> {
  return runCli(['verify', ...flags, '--trusted-root', join(folder, 'root.json'), name])
}
