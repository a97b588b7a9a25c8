import { describe, expect, test } from 'vitest'
import { startAnsweringServer } from '../../../test/fixtures/answering-server.ts'
import { createTransport } from '../../http/index.ts'
import { type WorkflowClaims, workflowClaims } from './workflow-claims.ts'
import { workflowProvenance } from './workflow-provenance.ts'

const claims: WorkflowClaims = {
  ref: 'refs/tags/app@1.0.0',
  sha: 'c'.repeat(40),
  repository: 'me/app',
  repository_id: '11',
  repository_owner_id: '12',
  repository_visibility: 'public',
  event_name: 'push',
  workflow_ref: 'me/app/.github/workflows/build.yml@refs/tags/app@1.0.0',
  job_workflow_ref: 'org/shared/.github/workflows/release.yml@refs/heads/main',
  runner_environment: 'github-hosted',
  run_id: '7',
  run_attempt: '2',
}

describe('workflowProvenance()', () => {
  test('is what actions/attest writes', () => {
    expect(workflowProvenance(claims, 'https://github.com')).toEqual({
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: {
          workflow: {
            ref: 'refs/tags/app@1.0.0',
            repository: 'https://github.com/me/app',
            path: '.github/workflows/build.yml',
          },
        },
        internalParameters: {
          github: {
            event_name: 'push',
            repository_id: '11',
            repository_owner_id: '12',
            runner_environment: 'github-hosted',
          },
        },
        resolvedDependencies: [
          {
            uri: 'git+https://github.com/me/app@refs/tags/app@1.0.0',
            digest: { gitCommit: 'c'.repeat(40) },
          },
        ],
      },
      runDetails: {
        builder: { id: 'https://github.com/org/shared/.github/workflows/release.yml@refs/heads/main' },
        metadata: { invocationId: 'https://github.com/me/app/actions/runs/7/attempts/2' },
      },
    })
  })
})

describe('workflowClaims()', () => {
  test('asks GitHub, for nobody, whatever token lies in the environment', async () => {
    const { asked, given } = await askWith(claims)
    expect(asked).toEqual(['/token?api-version=2&audience=nobody Bearer runtime'])
    expect(given).toEqual(claims)
  })

  test('says which claim is missing', async () => {
    const { sha: _, ...without } = claims
    await expect(askWith(without)).rejects.toThrow(/what GitHub says of the job .*sha/)
  })

  test('has nothing to say elsewhere', async () => {
    const transport = createTransport()
    await expect(workflowClaims({ environment: {}, transport })).rejects.toThrow('no job of GitHub Actions')
    await transport.close()
  })
})

async function askWith(
  payload: object,
): Promise<{ readonly asked: string[]; readonly given: WorkflowClaims }> {
  const asked: string[] = []
  const own = { iss: 'https://token.actions.githubusercontent.com', sub: 'repo:me/app' }
  const value = `${part({ alg: 'RS256' })}.${part({ ...own, ...payload })}.c2lnbmF0dXJl`
  await using server = await startAnsweringServer(({ path, headers }) => {
    asked.push(`${path} ${headers.authorization}`)
    return { body: JSON.stringify({ value }) }
  })
  const transport = createTransport()
  try {
    const given = await workflowClaims({
      transport,
      environment: {
        GITHUB_ACTIONS: 'true',
        SIGSTORE_ID_TOKEN: 'another',
        ACTIONS_ID_TOKEN_REQUEST_URL: new URL('/token?api-version=2', server.url).href,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runtime',
      },
    })
    return { asked, given }
  } finally {
    await transport.close()
  }
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
