import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CliResult, runCli } from '../../../test/fixtures/run-cli.ts'
import { keyPair, publicPem } from '../../../test/fixtures/sigstore/key-pair.ts'
import {
  exampleIdentity,
  exampleIssuer,
  sigstoreInstance,
  statementAbout,
} from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { digestHex, digestOf } from '../../oci/index.ts'

const instance = sigstoreInstance()
const bytes = Buffer.from('a release\n')
const digest = digestOf(bytes)
const key = keyPair()
const byMe = ['--identity', exampleIdentity, '--issuer', exampleIssuer]
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-verify-blob-'))
  const good = JSON.stringify(instance.sign({ content: { bytes } }))
  const other = JSON.stringify(instance.sign({ content: { bytes: Buffer.from('other') } }))
  await Promise.all(
    Object.entries({
      app: bytes,
      'root.json': JSON.stringify(instance.trustedRoot),
      'good.json': good,
      'statement.json': JSON.stringify(
        instance.sign({ content: { statement: statementAbout({ sha256: digestHex(digest) }) } }),
      ),
      'by-key.json': JSON.stringify(instance.sign({ content: { bytes }, key })),
      'unlogged.json': JSON.stringify(
        instance.sign({ content: { bytes }, key, logged: 'not', time: 'nobody' }),
      ),
      'two.jsonl': `${other}\n${good}\n`,
      'broken.json': good.slice(0, -10),
      'key.pub': publicPem(key),
      'bad-root.json': JSON.stringify({ ...instance.trustedRoot, mediaType: 'text/plain' }),
    }).map(([name, content]) => writeFile(join(folder, name), content)),
  )
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('lading verify-blob', () => {
  test('says who signed, when, and on whose word', async () => {
    const { stdout, stderr, exitCode } = await verifyBlob('good.json', [...byMe, path('app')])
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
    expect(stdout.replaceAll(folder, '')).toBe(
      [
        'verified  /app',
        `  digest      ${digest}`,
        `  signer      ${exampleIdentity}`,
        `  issuer      ${exampleIssuer}`,
        '  time        2026-01-01T00:01:00.000Z, proved by a transparency log',
        '  log         https://log.lading.example 4711',
        '  trust root  /root.json',
        '  bundle      /good.json:1',
        '',
      ].join('\n'),
    )
  })

  test('says no with the first check that failed', async () => {
    const { stdout, exitCode } = await verifyBlob('good.json', [
      '--identity',
      `${exampleIdentity}-evil`,
      '--issuer',
      exampleIssuer,
      path('app'),
    ])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('not verified')
    expect(stdout).toContain(`identity  ${exampleIdentity} signed, and not ${exampleIdentity}-evil`)
  })

  test.each([
    ['a file', 'good.json', 'app', byMe],
    ['a statement about a file', 'statement.json', 'app', byMe],
    [
      "cosign's names",
      'good.json',
      'app',
      ['--certificate-identity', exampleIdentity, '--certificate-oidc-issuer', exampleIssuer],
    ],
    [
      'a pattern',
      'good.json',
      'app',
      ['--identity-pattern', 'https://github.com/lading/*', '--issuer', exampleIssuer],
    ],
    [
      'a regular expression',
      'good.json',
      'app',
      ['--certificate-identity-regexp', '^https://github\\.com/lading/.*$', '--issuer', exampleIssuer],
    ],
    ['one of several bundles', 'two.jsonl', 'app', byMe],
  ])('verifies %s', async (_, bundle, file, flags) => {
    expect(await verifyBlob(bundle, [...flags, '--quiet', path(file)])).toMatchObject({
      stdout: `${digest}\n`,
      exitCode: 0,
    })
  })

  test('verifies by digest, and standard input', async () => {
    expect(await verifyBlob('good.json', [...byMe, '-q', digest])).toMatchObject({ exitCode: 0 })
    expect(await verifyBlob('good.json', [...byMe, '-q', '-'], bytes)).toMatchObject({ exitCode: 0 })
    expect(await verifyBlob('good.json', [...byMe, '-q', '-'], 'other')).toMatchObject({ exitCode: 1 })
  })

  test('verifies by a key, without a log only where that is asked for', async () => {
    const byKey = ['--key', path('key.pub'), '-q', path('app')]
    expect(await verifyBlob('by-key.json', byKey)).toMatchObject({ exitCode: 0 })
    expect(await verifyBlob('unlogged.json', byKey)).toMatchObject({ exitCode: 1 })
    const { stdout, exitCode } = await verifyBlob('unlogged.json', [
      '--insecure-ignore-tlog',
      '--key',
      path('key.pub'),
      path('app'),
    ])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('time    not proved')
  })

  test('prints one JSON object, also for a no', async () => {
    const yes = await verifyBlob('two.jsonl', [...byMe, '--json', path('app')])
    expect(JSON.parse(yes.stdout)).toMatchObject({
      file: path('app'),
      verified: true,
      satisfied: { digest, bundle: `${path('two.jsonl')}:2`, predicateType: null },
      rejected: [{ bundle: `${path('two.jsonl')}:1`, check: 'message-digest' }],
    })
    const no = await verifyBlob('two.jsonl', [...byMe, '--json', digestOf(Buffer.from('third'))])
    expect(no.exitCode).toBe(1)
    expect(JSON.parse(no.stdout)).toMatchObject({ verified: false, satisfied: null, rejected: [{}, {}] })
  })

  test.each([
    [2, 'nobody to trust', 'good.json', ['FILE']],
    [2, 'half a policy', 'good.json', ['--identity', exampleIdentity, 'FILE']],
    [2, 'an issuer alone', 'good.json', ['--issuer', exampleIssuer, 'FILE']],
    [2, 'a key and an identity', 'good.json', [...byMe, '--key', 'key.pub', 'FILE']],
    [
      2,
      'a pattern of everybody',
      'good.json',
      ['--identity-pattern', '*', '--issuer', exampleIssuer, 'FILE'],
    ],
    [2, 'a key that is none', 'good.json', ['--key', 'FILE', 'FILE']],
    [2, 'two things from standard input', 'good.json', ['--key', '-', '-']],
    [2, 'standard input and several bundles', 'two.jsonl', [...byMe, '-']],
    [3, 'a file that is not there', 'good.json', [...byMe, '/nonexistent/file']],
    [3, 'a folder', 'good.json', [...byMe, 'FOLDER']],
    [3, 'a bundle that is not there', 'nonexistent.json', [...byMe, 'FILE']],
    [3, 'a bundle that is not JSON', 'broken.json', [...byMe, 'FILE']],
    [
      3,
      'a trust root that cannot be believed',
      'good.json',
      [...byMe, '--trusted-root', 'bad-root.json', 'FILE'],
    ],
  ])('exits with %i for %s, in one line', async (code, _, bundle, words) => {
    const names: Readonly<Record<string, string>> = {
      FILE: path('app'),
      FOLDER: folder,
      'key.pub': path('key.pub'),
      'bad-root.json': path('bad-root.json'),
    }
    const { stdout, stderr, exitCode } = await verifyBlob(
      bundle,
      words.map((word) => names[word] ?? word),
    )
    expect(exitCode).toBe(code)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: Cannot .*\n(?: {2}try: .*\n)?$/)
  })

  test('opens no connection, whichever trust root is used', async () => {
    const connect = vi.spyOn(Socket.prototype, 'connect').mockImplementation(() => {
      throw new Error('a socket was opened')
    })
    try {
      expect(await verifyBlob('good.json', [...byMe, path('app')])).toMatchObject({ exitCode: 0 })
      const builtIn = await runCli(['verify-blob', '--bundle', path('good.json'), ...byMe, path('app')])
      expect(builtIn).toMatchObject({ exitCode: 1, stderr: '' })
      expect(builtIn.stdout).toContain('no trust root (sigstore public-good) knows the authority')
      expect(connect).not.toHaveBeenCalled()
    } finally {
      connect.mockRestore()
    }
  })
})

async function verifyBlob(
  bundle: string,
  words: readonly string[],
  stdin: string | Uint8Array = '',
): Promise<CliResult> {
  const root = words.includes('--trusted-root') ? [] : ['--trusted-root', path('root.json')]
  return runCli(['verify-blob', '--bundle', path(bundle), ...root, ...words], { stdin })
}

function path(name: string): string {
  return join(folder, name)
}
