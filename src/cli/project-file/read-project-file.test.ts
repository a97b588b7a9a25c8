import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../config/config-error.ts'
import { readProjectFile } from './read-project-file.ts'
import { trustRulesOf } from './trust-rules-of.ts'
import type { TrustSection } from './trust-section.ts'

let folder: string
let file: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-project-'))
  file = join(folder, 'lading.yaml')
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

const signer = 'signers: [{github: {owner: me}}]'

describe('readProjectFile()', () => {
  test('reads no device, which may have no end', async () => {
    const link = join(folder, 'endless.yaml')
    await symlink('/dev/zero', link)
    expect(() => readProjectFile(link)).toThrow(ConfigError)
  })

  test('reads all that there is', async () => {
    await writeFile(
      file,
      `trust:
  default: require
  rules:
    - images: ghcr.io/astral-sh/**
      signers:
        - github: {owner: astral-sh, ref: refs/tags/*}
        - github: {repository: astral-sh/uv, workflow: .github/workflows/release.yml@refs/heads/main}
        - github: {owner: astral-sh, workflow: astral-sh/builder/.github/workflows/build.yml}
        - {identity: me@example.com, issuer: 'https://accounts.google.com'}
        - {identityPattern: 'https://gitlab.com/me/*', issuer: 'https://gitlab.com'}
        - {key: keys/cosign.pub, insecureIgnoreTlog: true}
      predicates: [provenance, spdx, 'https://example.com/mine']
      provenance:
        sourceRepository: astral-sh/uv
        ref: refs/tags/*
        workflow: .github/workflows/release.yml
        builder: https://github.com/astral-sh/*
        runner: github-hosted
        buildType: https://actions.github.io/buildtypes/workflow/v1
      maxAge: 90d
      search: both
    - images: [python, 'node:2*']
      signers: {all: [{key: a.pub}, {key: b.pub}]}
    - images: '**'
      unsigned: allow
`,
    )
    expect(readProjectFile(file)).toMatchObject({
      trust: {
        default: 'require',
        rules: [
          { images: 'ghcr.io/astral-sh/**', maxAge: '90d', search: 'both' },
          { images: ['python', 'node:2*'], signers: { all: [{ key: 'a.pub' }, { key: 'b.pub' }] } },
          { images: '**', unsigned: 'allow' },
        ],
      },
    })
  })

  test('reads what the guide shows', async () => {
    const guide = await readFile(join(import.meta.dirname, '../../../docs/guides/verify.md'), 'utf8')
    const shown = /```yaml\n(?<yaml>trust:.*?)```/s.exec(guide)?.groups?.['yaml'] ?? ''
    await writeFile(file, shown)
    expect(readProjectFile(file).trust?.rules).toHaveLength(3)
  })

  test('takes an empty file', async () => {
    await writeFile(file, '')
    expect(readProjectFile(file)).toEqual({})
  })

  test.each([
    ['a key that there is not', 'trusts: {}', 'line 1: trusts: there is no such key'],
    [
      'one in a rule',
      `trust:\n  rules:\n    - images: python\n      ${signer}\n      age: 1d`,
      'line 5: trust.rules.0.age: there is no such key',
    ],
    [
      'one in a signer',
      rule('python', 'signers:\n        - github: {owner: me}\n        - github: {own: me}'),
      'line 6: trust.rules.0.signers.1.github.own: there is no such key',
    ],
    [
      'one in all',
      rule('python', 'signers:\n        all:\n          - {keys: a}'),
      'line 6: trust.rules.0.signers.all.0.keys: there is no such key',
    ],
    [
      'a rule that says nothing',
      rule('python', ''),
      'line 3: trust.rules.0: it says neither signers nor unsigned: allow',
    ],
    [
      'a rule without images',
      `trust:\n  rules:\n    - ${signer}`,
      'line 3: trust.rules.0.images: it is missing',
    ],
    [
      'a rule that says both',
      rule('python', `${signer}\n      unsigned: allow`),
      'line 3: trust.rules.0: unsigned: allow looks at no signature',
    ],
    ['no signers', rule('python', 'signers: []'), 'line 4: trust.rules.0.signers: there has to be a signer'],
    [
      'no signers of all',
      rule('python', 'signers: {all: []}'),
      'line 4: trust.rules.0.signers.all: there has to be a signer',
    ],
    [
      'any and all',
      rule('python', 'signers: {any: [{key: a}], all: [{key: a}]}'),
      'line 4: trust.rules.0.signers: it has either any or all',
    ],
    [
      'a signer of two kinds',
      rule('python', 'signers: [{key: a, github: {owner: me}}]'),
      'a signer is one of',
    ],
    ['a signer of none', rule('python', 'signers: [{}]'), 'a signer is one of'],
    [
      'an identity without issuer',
      rule('python', 'signers: [{identity: me}]'),
      'identity and issuer go together',
    ],
    [
      'an issuer without identity',
      rule('python', 'signers: [{key: me, issuer: x}]'),
      'identity and issuer go together',
    ],
    [
      'a pattern of everybody',
      rule('python', "signers: [{identityPattern: '**', issuer: x}]"),
      'it would take everybody',
    ],
    [
      'no log for an identity',
      rule('python', 'signers: [{identity: me, issuer: x, insecureIgnoreTlog: true}]'),
      'insecureIgnoreTlog goes with key',
    ],
    [
      'owner and repository',
      rule('python', 'signers: [{github: {owner: me, repository: me/app}}]'),
      'it has either owner or repository',
    ],
    [
      'a repository without owner',
      rule('python', 'signers: [{github: {repository: app}}]'),
      'a repository is written OWNER/NAME',
    ],
    [
      'a path of an owner',
      rule('python', 'signers: [{github: {owner: me, workflow: .github/workflows/a.yml}}]'),
      'a workflow beside owner begins with its repository',
    ],
    ['a short ref', rule('python', 'signers: [{github: {owner: me, ref: main}}]'), 'a ref is written whole'],
    [
      'a predicate that is no type',
      rule('python', `${signer}\n      predicates: [sbom]`),
      'line 5: trust.rules.0.predicates.0: it is no URI',
    ],
    [
      'an age without unit',
      rule('python', `${signer}\n      maxAge: 90`),
      'line 5: trust.rules.0.maxAge: expected string, found 90',
    ],
    ['an age of months', rule('python', `${signer}\n      maxAge: 3M`), 'a time is a number with its unit'],
    [
      'no conditions',
      rule('python', `${signer}\n      provenance: {}`),
      'line 5: trust.rules.0.provenance: it asks for nothing',
    ],
    [
      'a source that is none',
      rule('python', `${signer}\n      provenance: {sourceRepository: 'https://x/y@refs/a'}`),
      'a source is OWNER/NAME',
    ],
    [
      'every builder',
      rule('python', `${signer}\n      provenance: {builder: '*'}`),
      'it would take every builder',
    ],
    [
      'a pattern that is none',
      rule('Python', signer),
      'line 3: trust.rules.0.images: names of repositories are lower-case',
    ],
    [
      'one in a list',
      rule('[python, ghcr.io**/x]', signer),
      'line 3: trust.rules.0.images.1: ** in the registry',
    ],
    [
      'a pattern twice',
      `${rule('python', signer)}\n    - images: [node, docker.io/library/python]\n      unsigned: allow`,
      'line 5: trust.rules.1: "docker.io/library/python" means the same images as "python" in a rule before it',
    ],
    ['a pattern twice in a rule', rule('[python, library/python]', signer), 'in the same rule'],
    ['a wildcard that is an alias', rule('**', signer), '** is an alias in YAML'],
    [
      "GitHub's attestations of nobody",
      rule('[ghcr.io/me/app, python]', 'signers: [{key: a}]\n      search: both'),
      'line 3: trust.rules.0: GitHub is asked for the attestations of an owner',
    ],
    ['another default', 'trust: {default: allow}', 'line 1: trust.default: expected'],
  ])('refuses %s, with its line', async (_, text, problem) => {
    await writeFile(file, text)
    expect(() => readProjectFile(file)).toThrow(ConfigError)
    expect(() => readProjectFile(file)).toThrow(problem)
  })

  test('reads or refuses whatever has these keys, and what it reads can be meant', async () => {
    const text = fc.constantFrom(
      'python',
      'Python',
      '**',
      'me',
      'me/app',
      'refs/tags/*',
      '90d',
      'spdx',
      '',
      'a.pub',
    )
    const signers = fc.array(
      fc.dictionary(
        fc.constantFrom('github', 'identity', 'identityPattern', 'issuer', 'key'),
        fc.oneof(text, fc.record({ owner: text })),
      ),
      { maxLength: 2 },
    )
    const value = fc.oneof(
      text,
      fc.array(text, { maxLength: 3 }),
      signers,
      fc.record({ all: signers }),
      fc.dictionary(fc.constantFrom('ref', 'builder', 'sourceRepository'), text),
      fc.constantFrom(null, 1, true, 'allow', 'registry', 'github'),
    )
    const keys = ['images', 'signers', 'predicates', 'provenance', 'maxAge', 'search', 'unsigned']
    const rules = fc.array(fc.dictionary(fc.constantFrom(...keys), value), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.oneof(rules, value), async (any) => {
        await writeFile(file, JSON.stringify({ trust: { rules: any } }))
        const trust = readOrRefuse()
        const meant = await trustRulesOf(trust ?? {}, { folder, readKey: () => Promise.resolve('') })
        expect(meant.rules.every((one) => one.kind === 'unsigned' || one.signers.of.length > 0)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('refuses a file that is not there, and one that is none', async () => {
    await mkdir(join(folder, 'directory'), { recursive: true })
    expect(() => readProjectFile(join(folder, 'no.yaml'))).toThrow('there is no such file')
    expect(() => readProjectFile(join(folder, 'directory'))).toThrow(ConfigError)
  })
})

function readOrRefuse(): TrustSection | undefined {
  try {
    return readProjectFile(file).trust
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

function rule(images: string, rest: string): string {
  return `trust:\n  rules:\n    - images: ${images}\n      ${rest}`
}
