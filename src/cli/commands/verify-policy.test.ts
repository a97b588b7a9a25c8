import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { buildImage, buildIndex, type FixtureImage } from '../../../test/fixtures/build-image.ts'
import { startServer } from '../../../test/fixtures/http-server.ts'
import { type MemoryRegistry, startMemoryRegistry } from '../../../test/fixtures/memory-registry.ts'
import { pushToRegistry } from '../../../test/fixtures/push-to-registry.ts'
import { type CliResult, runCli, type RunCliOptions } from '../../../test/fixtures/run-cli.ts'
import { bundleReferrer } from '../../../test/fixtures/signed-image.ts'
import { keyPair } from '../../../test/fixtures/sigstore/key-pair.ts'
import { type FixtureSigner, githubSigner } from '../../../test/fixtures/sigstore/signer.ts'
import { sigstoreInstance } from '../../../test/fixtures/sigstore/sigstore-instance.ts'
import { writeLayout } from '../../../test/fixtures/write-layout.ts'

const instance = sigstoreInstance()
const signer = githubSigner('me/app', { ref: 'refs/tags/v1' })
const key = keyPair()
const issuer = 'https://token.actions.githubusercontent.com'
const spdx = 'https://spdx.dev/Document'

const index = buildIndex([buildImage({ layers: [{ a: '1' }] })])
const other = buildImage({ layers: [{ a: '2' }] })
const provenance = attested(signer, index)
const approval = attested({ key }, index, 'https://sigstore.dev/cosign/sign/v1')
const bill = attested(signer, index, spdx)

let folder: string
let root: readonly string[]
let registry: MemoryRegistry
let name: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-policy-'))
  // What is found above a folder ends here.
  await mkdir(join(folder, '.git'))
  await mkdir(join(folder, 'below'))
  const rootFile = join(folder, 'trusted_root.json')
  await writeFile(rootFile, JSON.stringify(instance.trustedRoot))
  root = ['--trusted-root', rootFile]
  await writeFile(join(folder, 'cosign.pub'), key.publicKey.export({ format: 'pem', type: 'spki' }))
  registry = await startMemoryRegistry()
  name = `${registry.host}/team/app`
  await pushToRegistry(registry.host, {
    'team/app:1': index,
    'team/app:provenance': provenance,
    'team/app:approval': approval,
    'team/app:bill': bill,
    'team/bare:1': other,
    'team/signed:1': index,
    'team/signed:provenance': provenance,
  })
})

afterAll(async () => {
  await registry.close()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  await rm(join(folder, 'lading.yaml'), { force: true })
})

describe('lading verify, by lading.yaml', () => {
  test('says which attestation fulfilled which rule', async () => {
    await policy(`- images: ${registry.host}/team/*
      signers: [{github: {repository: me/app}}]`)
    const { exitCode, stderr, stdout } = await verify([`${name}:1`])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      `verified  ${name}:1`,
      `  image       ${name}@${index.descriptor.digest}`,
      `  rule        ${registry.host}/team/*, in lading.yaml`,
      '  fulfilled   a signature or provenance by GitHub me/app',
      `  signed      the index with all its platforms, ${index.descriptor.digest}`,
      '  signer      https://github.com/me/app/.github/workflows/release.yml@refs/tags/v1',
    ])
  })

  test('finds the file above the folder, and takes another one', async () => {
    await policy(`- images: '**'\n      signers: [{github: {owner: me}}]`)
    const below = await verify([`${name}:1`], { directory: join(folder, 'below') })
    expect(below).toMatchObject({ exitCode: 0, stderr: '' })
    expect(below.stdout).toContain('**, in ../lading.yaml')
    const file = join(folder, 'below', 'strict.yaml')
    await writeFile(file, `trust: {rules: [{images: '**', signers: [{github: {owner: you}}]}]}`)
    const words = ['--policy', 'below/strict.yaml', `${name}:1`]
    expect(await verify(words)).toMatchObject({ exitCode: 1, stderr: '' })
  })

  test('gives programs one object, with what fulfilled the parts of the rule', async () => {
    await policy(`- images: '**'
      signers: {all: [{github: {owner: me}}, {key: cosign.pub}]}
      predicates: [spdx]`)
    const { exitCode, stdout } = await verify(['--json', `${name}:1`])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      image: `${name}:1`,
      verified: true,
      satisfied: foundIn(bill),
      policy: {
        file: 'lading.yaml',
        rule: '**',
        decision: 'verified',
        fulfilled: [
          { asked: `${spdx} by GitHub me or the key cosign.pub`, satisfied: foundIn(bill) },
          { asked: `a signature or provenance or ${spdx} by GitHub me` },
          {
            asked: `a signature or provenance or ${spdx} by the key cosign.pub`,
            satisfied: foundIn(approval),
          },
        ],
        missing: [],
      },
    })
  })

  test('says no with what is missing, and what each candidate failed', async () => {
    await policy(`- images: '**'
      signers: {all: [{github: {owner: me}}, {identity: me@example.com, issuer: 'https://accounts.example'}]}`)
    const { exitCode, stderr, stdout } = await verify([`${registry.host}/team/signed:1`])
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' })
    expect(stdout).toContain('not all that its rule asks for is there')
    expect(stdout).toMatch(/missing +a signature or provenance by me@example\.com/)
    expect(stdout).toMatch(/fulfilled +a signature or provenance by GitHub me/)
    await policy(`- images: '**'\n      signers: [{github: {owner: you}}]`)
    const no = await verify(['--json', `${registry.host}/team/signed:1`])
    expect(no.exitCode).toBe(1)
    expect(JSON.parse(no.stdout)).toMatchObject({
      verified: false,
      satisfied: null,
      rejected: [{ found: { at: 'referrer', detail: provenance.descriptor.digest }, check: 'signer' }],
      policy: { decision: 'refused', missing: ['a signature or provenance by GitHub you'] },
    })
  })

  test('says no to an image that no rule is for, and how to write one', async () => {
    await policy(`- images: ghcr.io/**\n      signers: [{github: {owner: me}}]`)
    const { exitCode, stderr, stdout } = await verify([`${name}:1`])
    expect(exitCode).toBe(1)
    expect(stdout).toContain(`not verified  ${name}:1  no rule is for it`)
    expect(stderr).toContain(
      `try: lading.yaml, trust.rules: - {images: ${name}, signers: [{github: {owner: OWNER}}]}`,
    )
    expect(JSON.parse((await verify(['--json', `${name}:1`])).stdout)).toMatchObject({
      verified: false,
      policy: { decision: 'no-rule', rule: null },
    })
  })

  test('allows an image that may be unsigned, and says that it looked at nothing', async () => {
    await policy(`- images: ${registry.host}/team/**\n      unsigned: allow`)
    const { exitCode, stdout } = await verify([`${name}:1`])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`allowed  ${name}:1  unsigned images are allowed by the rule`)
    expect(stdout).not.toContain('verified')
    const quiet = await verify(['--quiet', `${name}:1`])
    expect(quiet).toMatchObject({ exitCode: 0, stdout: `${name}@${index.descriptor.digest}\n` })
    expect(quiet.stderr).toContain('unsigned images are allowed')
    expect(JSON.parse((await verify(['--json', `${name}:1`])).stdout)).toMatchObject({
      verified: false,
      satisfied: null,
      policy: { decision: 'unsigned-allowed' },
    })
  })

  test.each([
    ['from a tag', 'provenance: {ref: refs/tags/*, sourceRepository: me/app, runner: github-hosted}', 0],
    ['from a branch', 'provenance: {ref: refs/heads/*}', 1],
    ['by a builder that nobody names', "provenance: {builder: 'https://*'}", 1],
    ['that is old', 'maxAge: 1s', 1],
    ['that is young enough', 'maxAge: 9000w', 0],
    ['with a bill of materials', 'predicates: [provenance, spdx]', 0],
    ['with a report', 'predicates: [provenance, vuln]', 1],
  ])('asks for an image %s', async (_, asked, exitCode) => {
    await policy(`- images: '**'\n      signers: [{github: {owner: me}}]\n      ${asked}`)
    expect(await verify([`${name}:1`])).toMatchObject({ exitCode, stderr: '' })
  })

  test('flags win over the rules, and that is said', async () => {
    await policy(`- images: '**'\n      unsigned: allow`)
    const asked = ['--identity', `${signer.identity}x`, '--issuer', issuer, `${name}:1`]
    const { exitCode, stderr } = await verify(asked)
    expect(exitCode).toBe(1)
    expect(stderr).toBe('lading.yaml is not asked: the flags say who must have signed\n')
    await writeFile(join(folder, 'lading.yaml'), '# trust: nobody\n')
    expect((await verify(asked)).stderr).toBe('')
  })

  test('without rules shows who claims to have signed', async () => {
    await writeFile(join(folder, 'lading.yaml'), '')
    const { exitCode, stderr } = await verify([`${registry.host}/team/signed:1`])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('claims to be signed by (unverified)')
  })

  test.each([
    [
      'a policy and flags',
      ['--policy', 'lading.yaml', '--owner', 'me'],
      /^error: Cannot take --policy together/,
    ],
    [
      'a predicate type beside rules',
      ['--type', 'spdx'],
      /^error: Cannot take --type with the rules of lading.yaml/,
    ],
    [
      'a file without rules',
      ['--policy', 'empty.yaml'],
      /^error: Cannot verify by empty.yaml: it has no trust rules/,
    ],
    ['a name for flags', ['--as', 'python', '--owner', 'me'], /error: Cannot take --as without a policy/],
    ['a name that is none', ['--as', 'Python'], /^error: .*lowercase/],
  ])('refuses %s', async (_, flags, message) => {
    await policy(`- images: '**'\n      unsigned: allow`)
    await writeFile(join(folder, 'empty.yaml'), '{}')
    const { exitCode, stderr, stdout } = await verify([...flags, `${name}:1`])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  test.each([
    ['not there', 'no.yaml', /there is no such file/],
    ['wrong', 'wrong.yaml', /line 1: trust\.rule: there is no such key/],
    ['with a key that is not there', 'lost.yaml', /the key .*no\.pub cannot be read/],
    ['with a key that is a folder', 'folder.yaml', /the key .*below is no file/],
    ['with a key that is too large', 'large.yaml', /the key .*large\.pub cannot be read/],
  ])('could not tell by a file that is %s', async (_, file, message) => {
    await writeFile(join(folder, 'wrong.yaml'), 'trust: {rule: []}')
    await writeFile(join(folder, 'lost.yaml'), keyed('no.pub'))
    await writeFile(join(folder, 'folder.yaml'), keyed('below'))
    await writeFile(join(folder, 'large.yaml'), keyed('large.pub'))
    await writeFile(join(folder, 'large.pub'), 'x'.repeat(70_000))
    const { exitCode, stderr, stdout } = await verify(['--policy', file, `${name}:1`])
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(stderr).toMatch(message)
  })
})

describe('lading verify, of several images', () => {
  test('answers for each, in their order', async () => {
    await policy(`- images: '**'\n      signers: [{github: {owner: me}}]
    - images: ${registry.host}/team/bare\n      unsigned: allow`)
    const images = [`${name}:1`, bare(), `${registry.host}/team/signed:1`]
    const { exitCode, stderr, stdout } = await verify(['--json', ...images])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      images: [
        { image: images[0], verified: true, policy: { rule: '**' } },
        { image: images[1], verified: false, policy: { decision: 'unsigned-allowed' } },
        { image: images[2], verified: true },
      ],
    })
    const quiet = await verify(['--quiet', `${name}:1`, `${registry.host}/team/signed:1`])
    expect(quiet.stdout.split('\n')).toEqual([
      `${name}@${index.descriptor.digest}`,
      `${registry.host}/team/signed@${index.descriptor.digest}`,
      '',
    ])
  })

  test('says no when one is a no, and that it could not tell when one could not be told', async () => {
    await policy(`- images: '**'\n      signers: [{github: {owner: me}}]`)
    const no = await verify([`${name}:1`, bare()])
    expect(no).toMatchObject({ exitCode: 1, stderr: '' })
    expect(no.stdout).toContain(`verified  ${name}:1`)
    expect(no.stdout).toContain(`not verified  ${bare()}`)
    const untold = await verify(['--json', `${name}:1`, bare(), gone()])
    expect(untold.exitCode).toBe(3)
    expect(JSON.parse(untold.stdout)).toMatchObject({
      images: [{ verified: true }, { verified: false }],
      errors: [{ image: gone(), code: 'NOT_FOUND' }],
    })
  })

  test('asks the same of each by flags', async () => {
    const flags = ['--identity', signer.identity, '--issuer', issuer]
    const { exitCode, stdout } = await verify([...flags, '--json', `${name}:1`, bare()])
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ images: [{ verified: true }, { verified: false }] })
  })

  test('keeps the bundles of all, and verifies all by one file, read once', async () => {
    await policy(`- images: '**'\n      signers: [{github: {owner: me}}]`)
    const file = join(folder, 'kept.jsonl')
    const images = [`${name}:1`, `${registry.host}/team/signed:1`]
    expect(await verify(['--save-bundles', file, ...images])).toMatchObject({ exitCode: 0, stderr: '' })
    const kept = await readFile(file, 'utf8')
    expect(kept.trim().split('\n')).toHaveLength(4)
    const given = await verify(['--bundle', '-', ...images], { stdin: kept })
    expect(given).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('keeps none where one could not be looked at', async () => {
    await policy(`- images: '**'\n      signers: [{github: {owner: me}}]`)
    const file = join(folder, 'none.jsonl')
    expect(await verify(['--save-bundles', file, `${name}:1`, gone()])).toMatchObject({ exitCode: 3 })
    await expect(readFile(file)).rejects.toThrow('ENOENT')
  })

  test('asks for none where one has no name, whichever comes first', async () => {
    await policy(`- images: '**'\n      unsigned: allow`)
    const nameless = `oci:${join(folder, 'nameless')}:1`
    for (const images of [
      [`${name}:1`, nameless, gone()],
      [gone(), nameless],
    ])
      expect(await verify(images)).toMatchObject({ exitCode: 2, stdout: '' })
  })

  test('takes a name for one image alone', async () => {
    await policy(`- images: '**'\n      unsigned: allow`)
    expect(await verify(['--as', 'python', `${name}:1`, bare()])).toMatchObject({ exitCode: 2 })
  })
})

describe('lading verify, by rules, of images in a folder', () => {
  let layout: string

  beforeAll(async () => {
    layout = `oci:${join(folder, 'layout')}`
    await writeLayout(join(folder, 'layout'), { 'ghcr.io/me/app:1': index, 1: index, '': provenance })
    await policy(`- images: ghcr.io/me/*\n      signers: [{github: {owner: me}}]`)
  })

  test('takes the rule for the name that it has, or is given, and touches no network', async () => {
    const connect = vi.spyOn(Socket.prototype, 'connect')
    try {
      await policy(`- images: ghcr.io/me/*\n      signers: [{github: {owner: me}}]`)
      const named = await verify(['--offline', `${layout}:ghcr.io/me/app:1`])
      expect(named).toMatchObject({ exitCode: 0, stderr: '' })
      expect(await verify(['--offline', '--as', 'ghcr.io/me/x', `${layout}:1`])).toMatchObject({
        exitCode: 0,
      })
      expect(await verify(['--offline', '--as', 'ghcr.io/you/x', `${layout}:1`])).toMatchObject({
        exitCode: 1,
      })
      expect(connect).not.toHaveBeenCalled()
    } finally {
      connect.mockRestore()
    }
  })

  test('asks for a name where there is none', async () => {
    await policy(`- images: ghcr.io/me/*\n      signers: [{github: {owner: me}}]`)
    const { exitCode, stderr } = await verify([`${layout}:1`])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--as NAME')
  })

  test('cannot tell offline where the signatures are at GitHub', async () => {
    await policy(`- images: ghcr.io/me/*\n      signers: [{github: {owner: me}}]\n      search: github`)
    const { exitCode, stderr } = await verify(['--offline', `${layout}:ghcr.io/me/app:1`])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Cannot look at GitHub with --offline')
    const file = join(folder, 'given.jsonl')
    await writeFile(file, JSON.stringify(instance.attest(signer, { subjects: [index.descriptor.digest] })))
    const given = await verify(['--offline', '--bundle', file, `${layout}:ghcr.io/me/app:1`])
    expect(given).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test.each([
    [
      'for an image of ghcr.io, its signers',
      'signers: [{github: {repository: me/other}}]',
      '/repos/me/other/attestations/',
    ],
    ['for an image of ghcr.io, its owner', 'signers: [{identity: x, issuer: y}]', '/orgs/me/attestations/'],
    [
      'where the rule says so',
      'signers: [{github: {repository: me/other}}]\n      search: github',
      '/repos/me/other/attestations/',
    ],
  ])('asks GitHub %s', async (_, asked, path) => {
    await policy(`- images: ghcr.io/me/*\n      ${asked}`)
    const paths = await askedOfGithub(`${layout}:ghcr.io/me/app:1`)
    expect(paths).toEqual([`${path}${index.descriptor.digest}?per_page=30`])
  })

  test.each([
    ['where the registry has what is needed', 'signers: [{github: {owner: me}}]'],
    ['where the rule says the registry', 'signers: [{github: {owner: you}}]\n      search: registry'],
    ['where keys alone sign', 'signers: [{key: cosign.pub}]'],
  ])('does not ask GitHub %s', async (_, asked) => {
    await policy(`- images: ghcr.io/me/*\n      ${asked}`)
    expect(await askedOfGithub(`${layout}:ghcr.io/me/app:1`)).toEqual([])
  })
})

function policy(rules: string): Promise<void> {
  return writeFile(join(folder, 'lading.yaml'), `trust:\n  rules:\n    ${rules}\n`)
}

function verify(words: readonly string[], options: RunCliOptions = {}): Promise<CliResult> {
  return runCli(['verify', ...root, ...words], { directory: folder, ...options })
}

function attested(by: FixtureSigner, image: FixtureImage, predicateType?: string): FixtureImage {
  const subjects = [image.descriptor.digest]
  const statement = predicateType === undefined ? { subjects } : { subjects, predicateType }
  return bundleReferrer(instance.attest(by, statement), image)
}

/** The paths that GitHub is asked for; it has no attestations. */
async function askedOfGithub(image: string): Promise<readonly string[]> {
  const paths: string[] = []
  await using server = await startServer((request, response) => {
    paths.push(request.url ?? '')
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"attestations":[]}')
  })
  await verify([image], { environment: { GITHUB_API_URL: `http://127.0.0.1:${server.port}` } })
  return paths
}

function bare(): string {
  return `${registry.host}/team/bare:1`
}

function gone(): string {
  return `${registry.host}/team/gone:1`
}

function keyed(path: string): string {
  return `trust: {rules: [{images: python, signers: [{key: ${path}}]}]}`
}

function foundIn({ descriptor }: FixtureImage): unknown {
  return { found: { at: 'referrer', detail: descriptor.digest } }
}
