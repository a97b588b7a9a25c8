import { describe, expect, test } from 'vitest'
import { digestOf } from '../../oci/index.ts'
import type { CertificateClaims, Signer } from '../types.ts'
import { checkGithub, githubIssuer, type GithubCriteria } from './github-criteria.ts'

type CertificateSigner = Extract<Signer, { readonly kind: 'certificate' }>

const workflow = 'https://github.com/astral-sh/uv/.github/workflows/release.yml@refs/tags/0.9.0'
const commit = 'a'.repeat(40)
const claims: CertificateClaims = {
  sourceRepositoryOwnerUri: 'https://github.com/astral-sh',
  sourceRepositoryUri: 'https://github.com/astral-sh/uv',
  sourceRepositoryRef: 'refs/tags/0.9.0',
  sourceRepositoryDigest: commit,
  runnerEnvironment: 'github-hosted',
}

describe('checkGithub()', () => {
  test.each<[string, GithubCriteria]>([
    ['the owner', { owner: 'astral-sh' }],
    ['the owner in another case', { owner: 'Astral-SH' }],
    ['the repository', { owner: 'astral-sh', repository: 'uv' }],
    ['the repository in another case', { owner: 'astral-sh', repository: 'UV' }],
    ['the ref', { owner: 'astral-sh', sourceRef: { exact: 'refs/tags/0.9.0' } }],
    ['the commit', { owner: 'astral-sh', sourceDigest: commit }],
    ['the runner', { owner: 'astral-sh', denySelfHostedRunners: true }],
    ['the workflow at any ref', by('astral-sh/uv/.github/workflows/release.yml')],
    ['the workflow at its ref', by('astral-sh/uv/.github/workflows/release.yml@refs/tags/0.9.0')],
    [
      "the signer's repository",
      { owner: 'astral-sh', signer: { kind: 'repository', repository: 'Astral-sh/UV' } },
    ],
  ])('accepts %s', (_, criteria) => {
    expect(checkGithub(signer(), criteria)).toBeUndefined()
  })

  test.each<[string, string, GithubCriteria]>([
    ['an owner whose name begins alike', 'signer', { owner: 'astral' }],
    ['an owner with more behind', 'signer', { owner: 'astral-sh-evil' }],
    ['a repository whose name begins alike', 'signer', { owner: 'astral-sh', repository: 'u' }],
    ['another ref', 'source-ref', { owner: 'astral-sh', sourceRef: { exact: 'refs/tags/0.9' } }],
    [
      'another case of the ref',
      'source-ref',
      { owner: 'astral-sh', sourceRef: { exact: 'refs/tags/0.9.0'.toUpperCase() } },
    ],
    ['the beginning of a commit', 'source-digest', { owner: 'astral-sh', sourceDigest: commit.slice(1) }],
    ['a workflow whose name goes on', 'signer', by('astral-sh/uv/.github/workflows/release')],
    ['another ref of the workflow', 'signer', by('astral-sh/uv/.github/workflows/release.yml@refs/tags/0.9')],
    ['a workflow in another case', 'signer', by('astral-sh/UV/.github/workflows/release.yml')],
    [
      'another repository of the signer',
      'signer',
      { owner: 'astral-sh', signer: { kind: 'repository', repository: 'astral-sh/u' } },
    ],
  ])('refuses %s', (_, check, criteria) => {
    expect(checkGithub(signer(), criteria)?.check).toBe(check)
  })

  test.each<[string, string, Partial<CertificateSigner>, GithubCriteria]>([
    [
      'a fork that runs the workflow',
      'source-owner',
      { claims: { ...claims, sourceRepositoryOwnerUri: 'https://github.com/mallory' } },
      { owner: 'astral-sh' },
    ],
    [
      'another repository that runs it',
      'source-repository',
      { claims: { ...claims, sourceRepositoryUri: 'https://github.com/astral-sh/ruff' } },
      { owner: 'astral-sh', repository: 'uv' },
    ],
    ['a certificate that names no owner', 'source-owner', { claims: {} }, { owner: 'astral-sh' }],
    [
      'an owner with a letter that looks alike',
      'source-owner',
      {
        claims: { ...claims, sourceRepositoryOwnerUri: 'https://github.com/\u{212A}ube' },
        identity: 'https://github.com/kube/x/y@z',
      },
      { owner: 'kube' },
    ],
    [
      'a runner of their own',
      'runner',
      { claims: { ...claims, runnerEnvironment: 'self-hosted' } },
      { owner: 'astral-sh', denySelfHostedRunners: true },
    ],
    [
      'a runner that nobody names',
      'runner',
      { claims: { ...claims, runnerEnvironment: '' } },
      { owner: 'astral-sh', denySelfHostedRunners: true },
    ],
    [
      'a host whose name goes on',
      'signer',
      { identity: workflow.replace('github.com', 'github.com.evil') },
      { owner: 'astral-sh' },
    ],
    [
      'a signer that only contains the name',
      'signer',
      { identity: `https://evil/${workflow}` },
      { owner: 'astral-sh' },
    ],
  ])('refuses %s', (_, check, other, criteria) => {
    expect(checkGithub({ ...signer(), ...other }, criteria)?.check).toBe(check)
  })

  test('refuses a key', () => {
    const keyed: Signer = { kind: 'key', keyDigest: digestOf(Buffer.from('key')) }
    expect(checkGithub(keyed, { owner: 'astral-sh' })?.check).toBe('identity')
  })

  test('leaves the signer to the policy where that says who', () => {
    const elsewhere: Signer = { ...signer(), identity: 'https://github.com/actions/x/y@z' }
    const criteria: GithubCriteria = { owner: 'astral-sh', signer: { kind: 'given' } }
    expect(checkGithub(elsewhere, criteria)).toBeUndefined()
  })
})

function by(path: string): GithubCriteria {
  return { owner: 'astral-sh', signer: { kind: 'workflow', workflow: path } }
}

function signer(): CertificateSigner {
  return { kind: 'certificate', identity: workflow, issuer: githubIssuer, claims }
}
