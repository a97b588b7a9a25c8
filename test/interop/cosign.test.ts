import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildImage } from '../fixtures/build-image.ts'
import { type OidcIssuer, startOidcIssuer } from '../fixtures/oidc-issuer.ts'
import { type CliResult, runCli } from '../fixtures/run-cli.ts'
import { startServe } from '../fixtures/serve-process.ts'
import { type SigstoreServers, startSigstoreServers } from '../fixtures/sigstore-servers/sigstore-servers.ts'
import { writeLayout } from '../fixtures/write-layout.ts'
import { type CosignFolder, cosignFolder, unlogged } from './cosign-run.ts'
import { startDockerRegistry } from './docker-registry.ts'
import { because, lacks } from './peer.ts'

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
      const byKey = ['--key', join(folder, 'cosign.pub'), '--insecure-ignore-tlog']
      expect(await verify(name, byKey)).toMatchObject({ exitCode: 0 })
      // Only who asks for it takes what no log has seen.
      expect(await verify(name, byKey.slice(0, 2))).toMatchObject({ exitCode: 1 })
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
      const byKey = ['--key', join(folder, 'cosign.pub'), '--insecure-ignore-tlog']
      expect(await verify(name, [...byKey, '--predicate-type', predicateType])).toMatchObject({ exitCode: 0 })
      expect(await verify(name, [...byKey, '--predicate-type', `${predicateType}s`])).toMatchObject({
        exitCode: 1,
      })
    })

    test.each([1, 2] as const)('by an identity, with Rekor v%i', async (rekor) => {
      const name = await pushed(registry.host, `rekor-${rekor}`)
      const config = [`--signing-config=rekor${rekor}.json`, '--trusted-root=root.json']
      await cosign.mustRun('sign', '--identity-token=token', ...config, '--yes', name)
      expect(await verify(name, identity('me@example.com'))).toMatchObject({ exitCode: 0 })
      expect(await verify(name, identity('you@example.com'))).toMatchObject({ exitCode: 1 })
    })
  })
})

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
