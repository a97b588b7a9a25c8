import { describe, expect, test } from 'vitest'
import { digestOf } from '../../oci/index.ts'
import type { CertificateClaims, Signer, Verified } from '../types.ts'
import { checkProvenance } from './check-provenance.ts'
import type { ProvenanceConditions } from './trust-rules.ts'

const source = 'https://github.com/me/app'
const path = '.github/workflows/release.yml'
const version1 = 'https://slsa.dev/provenance/v1'
const version02 = 'https://slsa.dev/provenance/v0.2'
const buildType = 'https://actions.github.io/buildtypes/workflow/v1'
const builder = 'https://github.com/me/builder/.github/workflows/build.yml@refs/tags/v1'

const claims: CertificateClaims = {
  sourceRepositoryUri: source,
  sourceRepositoryRef: 'refs/tags/v1',
  buildConfigUri: `${source}/${path}@refs/tags/v1`,
  runnerEnvironment: 'github-hosted',
}
const key: Signer = { kind: 'key', keyDigest: digestOf(Buffer.from('key')) }

const all: ProvenanceConditions = {
  sourceRepository: source,
  ref: { pattern: 'refs/tags/v*' },
  workflow: path,
  builder: { exact: builder },
  runner: 'github-hosted',
  buildType,
}

describe('checkProvenance()', () => {
  test('is content where certificate and predicate agree', () => {
    expect(checkProvenance(signed(claims, version1, github()), all)).toBeUndefined()
  })

  test('is content with what the predicate alone says where a key signed', () => {
    expect(checkProvenance(keyed(version1, github()), all)).toBeUndefined()
  })

  test.each<[string, ProvenanceConditions]>([
    ['source', { sourceRepository: source }],
    ['source in another case', { sourceRepository: 'https://github.com/Me/App' }],
    ['ref', { ref: { exact: 'refs/tags/v1' } }],
    ['workflow', { workflow: path }],
    ['runner', { runner: 'github-hosted' }],
  ])(
    'is content with a signature that states nothing, by what its certificate says of the %s',
    (_, wanted) => {
      expect(checkProvenance(signed(claims), wanted)).toBeUndefined()
    },
  )

  test.each<[string, unknown]>([
    [
      'GitHub',
      {
        invocation: { configSource: { uri: `git+${source}@refs/tags/v1`, entryPoint: path } },
        buildType,
        builder: { id: builder },
      },
    ],
    [
      'a .git behind the name',
      {
        invocation: { configSource: { uri: `git+${source}.git@refs/tags/v1`, entryPoint: path } },
        buildType,
        builder: { id: builder },
      },
    ],
  ])('reads provenance v0.2 of %s', (_, predicate) => {
    expect(checkProvenance(keyed(version02, predicate), { ...all, runner: undefined })).toBeUndefined()
  })

  test.each<[string, unknown]>([
    ["SLSA's container-based builds", { source: { uri: `git+${source}@refs/tags/v1` } }],
    ['BuildKit', { configSource: { uri: `${source}.git#refs/tags/v1`, path: 'Dockerfile' } }],
  ])('reads the source in provenance v1 of %s', (_, externalParameters) => {
    const predicate = { buildDefinition: { externalParameters } }
    const wanted = { sourceRepository: source, ref: { exact: 'refs/tags/v1' } }
    expect(checkProvenance(keyed(version1, predicate), wanted)).toBeUndefined()
  })

  test.each<[string, string, ProvenanceConditions]>([
    ['a source whose name goes on', 'source-repository', { sourceRepository: 'https://github.com/me/ap' }],
    ['a source at another host', 'source-repository', { sourceRepository: 'https://github.com.evil/me/app' }],
    ['a ref that only begins so', 'source-ref', { ref: { exact: 'refs/tags/v' } }],
    ['a ref outside of a pattern', 'source-ref', { ref: { pattern: 'refs/tags/w*' } }],
    ['another workflow', 'workflow', { workflow: '.github/workflows/release.ym' }],
    ['the workflow by its name alone', 'workflow', { workflow: 'release.yml' }],
    ['another builder', 'builder', { builder: { pattern: 'https://github.com/me/builder/*@refs/heads/*' } }],
    ['another build type', 'build-type', { buildType: `${buildType}/` }],
  ])('refuses %s', (_, check, wanted) => {
    expect(checkProvenance(keyed(version1, github()), wanted)?.check).toBe(check)
  })

  test.each<[string, ProvenanceConditions]>([
    ['source-repository', { sourceRepository: source }],
    ['source-ref', { ref: { pattern: 'refs/*' } }],
    ['workflow', { workflow: path }],
    ['builder', { builder: { pattern: 'https:*' } }],
    ['runner', { runner: 'github-hosted' }],
    ['build-type', { buildType }],
  ])('what nobody says fulfils nothing: %s', (check, wanted) => {
    for (const verified of [
      signed({}),
      keyed(version1, {}),
      keyed(version1, null),
      keyed(version02, []),
      keyed('https://spdx.dev/Document', github()),
    ])
      expect(checkProvenance(verified, wanted)?.check).toBe(check)
  })

  test.each<[string, CertificateClaims, ProvenanceConditions]>([
    [
      'source-repository',
      { ...claims, sourceRepositoryUri: 'https://github.com/me/fork' },
      { sourceRepository: source },
    ],
    ['source-ref', { ...claims, sourceRepositoryRef: 'refs/heads/main' }, { ref: { exact: 'refs/tags/v1' } }],
    ['workflow', { ...claims, buildConfigUri: `${source}/other.yml@refs/tags/v1` }, { workflow: path }],
    [
      'workflow',
      { ...claims, buildConfigUri: `${source}/${path}@refs/x/y@refs/tags/v1` },
      { workflow: path },
    ],
    ['runner', { ...claims, runnerEnvironment: 'self-hosted' }, { runner: 'github-hosted' }],
  ])('a predicate does not make up for a certificate that says otherwise: %s', (check, other, wanted) => {
    expect(checkProvenance(signed(other, version1, github()), wanted)?.check).toBe(check)
  })

  test('nor a certificate for a predicate that says otherwise', () => {
    const predicate = github({ ref: 'refs/heads/evil' })
    expect(
      checkProvenance(signed(claims, version1, predicate), { ref: { exact: 'refs/tags/v1' } })?.check,
    ).toBe('source-ref')
  })

  test.each<[string, unknown]>([
    ['a list', ['refs/tags/v1']],
    ['an object', { toString: 'refs/tags/v1' }],
    ['null', null],
    ['a number', 1],
    ['true', true],
  ])('takes no ref that is %s, whoever else says it', (_, ref) => {
    const wanted: ProvenanceConditions = { ref: { pattern: '*1*' } }
    expect(checkProvenance(signed(claims, version1, github({ ref })), wanted)).toMatchObject({
      check: 'source-ref',
      message: 'the provenance says that its ref is what cannot be read, asked for is *1*',
    })
  })

  test('finds nothing in what objects have by nature', () => {
    const predicate: unknown = JSON.parse('{"__proto__":{"buildDefinition":{"buildType":"x"}}}')
    expect(checkProvenance(keyed(version1, predicate), { buildType: 'x' })?.check).toBe('build-type')
  })

  test.each([
    `git+${source}@refs/tags/v1?x`,
    `https://user@github.com/me/app`,
    'http://github.com/me/app',
    `git+${source} @refs/tags/v1`,
    7,
  ])('takes no source that is %j', (uri) => {
    const predicate = { invocation: { configSource: { uri } } }
    expect(checkProvenance(keyed(version02, predicate), { sourceRepository: source })?.check).toBe(
      'source-repository',
    )
  })
})

function github(workflow: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    buildDefinition: {
      buildType,
      externalParameters: { workflow: { ref: 'refs/tags/v1', repository: source, path, ...workflow } },
      internalParameters: { github: { runner_environment: 'github-hosted' } },
    },
    runDetails: { builder: { id: builder } },
  }
}

function signed(
  of: CertificateClaims,
  predicateType?: string,
  predicate?: unknown,
): Pick<Verified, 'signer' | 'statement'> {
  const signer: Signer = { kind: 'certificate', identity: builder, issuer: 'https://x.example', claims: of }
  return predicateType === undefined ? { signer } : { ...keyed(predicateType, predicate), signer }
}

function keyed(predicateType: string, predicate: unknown): Pick<Verified, 'signer' | 'statement'> {
  return {
    signer: key,
    statement: { type: 'https://in-toto.io/Statement/v1', subjects: [], predicateType, predicate },
  }
}
