import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/index.ts'
import { startOidcIssuer } from '../fixtures/oidc-issuer.ts'
import {
  conformanceMissing,
  conformanceNames,
  readConformanceCase,
} from '../fixtures/sigstore-conformance.ts'
import { startSigstoreServers } from '../fixtures/sigstore-servers/sigstore-servers.ts'
import { mustRun, runProgram } from '../interop/run-program.ts'
import { runClient } from './run-client.ts'

const program = join(import.meta.dirname, 'client.ts')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-conformance-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('verify-bundle', () => {
  for (const name of conformanceNames()) {
    test.each(['file', 'digest'] as const)(`${name}, by %s`, async (form) => {
      const { exitCode } = await runClient(await verifyWords(name, form))
      // The suite asks for any other code than 0: a key that is none is wrong usage.
      expect(exitCode === 0).toBe(!name.endsWith('_fail'))
    })
  }

  test.skipIf(conformanceMissing !== undefined).each([
    ['happy-path-v0.3', 0],
    ['managed-key-happy-path', 0],
    ['wrong-hashedrekord-entry_fail', 1],
  ])('as a process: %s ends with %i', async (name, code) => {
    const ended = await runProgram(process.execPath, [program, ...(await verifyWords(name, 'file'))])
    expect(ended).toMatchObject({ code, stdout: '' })
  })
})

test.each([1, 2] as const)('what sign-bundle signs with Rekor v%i, verify-bundle verifies', async (rekor) => {
  await using issuer = await startOidcIssuer(Date.now)
  await using servers = await startSigstoreServers({ issuers: [issuer.url] })
  const file = (name: string): string => join(folder, `${rekor}-${name}`)
  const [root, config, bundle, artifact] = [file('root'), file('config'), file('bundle'), file('artifact')]
  await writeFile(root, JSON.stringify(servers.trustedRoot))
  await writeFile(config, JSON.stringify(servers.signingConfig(rekor)))
  await writeFile(artifact, 'what is signed')
  const token = await issuer.token({ aud: 'sigstore', email: 'me@example.com', email_verified: true })
  const signing = ['--trusted-root', root, '--signing-config', config, artifact]
  await mustRun(process.execPath, [
    program,
    'sign-bundle',
    '--identity-token',
    token,
    '--bundle',
    bundle,
    ...signing,
  ])
  const verifyAs = (identity: string): Promise<{ readonly exitCode: number }> =>
    runClient(
      `verify-bundle --bundle ${bundle} --certificate-identity ${identity} --certificate-oidc-issuer ${issuer.url} --trusted-root ${root} ${artifact}`.split(
        ' ',
      ),
    )
  expect(await verifyAs('me@example.com')).toMatchObject({ exitCode: 0 })
  expect(await verifyAs('you@example.com')).toMatchObject({ exitCode: 1 })
})

test.each([
  ['a command of no protocol', ['sign', 'x']],
  ['a flag of no protocol', ['verify-bundle', '--bundel', 'x', 'x']],
  ['no file', ['verify-bundle', '--bundle', 'x']],
  ['nobody to trust', ['verify-bundle', '--bundle', 'x', 'x']],
  ['an instance that is not built in', ['verify-bundle', '--staging', '--bundle', 'x', 'x']],
])('%s is wrong usage', async (_, words) => {
  expect(await runClient(words)).toMatchObject({ exitCode: 2 })
})

async function verifyWords(name: string, form: 'file' | 'digest'): Promise<readonly string[]> {
  const one = await readConformanceCase(name)
  return [
    'verify-bundle',
    '--bundle',
    one.bundlePath,
    ...(one.keyPath === undefined
      ? ['--certificate-identity', one.identity, '--certificate-oidc-issuer', one.issuer]
      : ['--key', one.keyPath]),
    ...(one.trustedRootPath === undefined ? [] : ['--trusted-root', one.trustedRootPath]),
    form === 'file' ? one.artifactPath : digestOf(await readFile(one.artifactPath)),
  ]
}
