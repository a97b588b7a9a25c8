import { describe, expect, test } from 'vitest'
import { startAnsweringServer } from '../../../test/fixtures/answering-server.ts'
import { identityTokenText } from '../../../test/fixtures/sigstore/identity-token.ts'
import { createTransport } from '../../http/index.ts'
import { isPrivateWorkflow } from './is-private-workflow.ts'

describe('isPrivateWorkflow()', () => {
  test.each([
    ['public', false],
    ['private', true],
    ['internal', true],
    [undefined, true],
  ])('of a repository whose visibility is %s: %s', async (visibility, expected) => {
    expect(await askWith(visibility, { GITHUB_ACTIONS: 'true' })).toBe(expected)
  })

  test('outside of GitHub Actions it is no', async () => {
    expect(await askWith('private', {})).toBe(false)
  })
})

async function askWith(
  visibility: string | undefined,
  job: Readonly<Record<string, string>>,
): Promise<boolean> {
  const workflow = 'me/app/.github/workflows/build.yml@refs/heads/main'
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    sub: 'repo:me/app',
    ref: 'refs/heads/main',
    sha: 'c'.repeat(40),
    repository: 'me/app',
    repository_id: '1',
    repository_owner_id: '2',
    repository_visibility: visibility,
    event_name: 'push',
    workflow_ref: workflow,
    job_workflow_ref: workflow,
    runner_environment: 'github-hosted',
    run_id: '3',
    run_attempt: '4',
  }
  const value = identityTokenText(claims)
  await using server = await startAnsweringServer(() => ({ body: JSON.stringify({ value }) }))
  const transport = createTransport()
  const environment = {
    ...job,
    ACTIONS_ID_TOKEN_REQUEST_URL: server.url.href,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runtime',
  }
  try {
    return await isPrivateWorkflow({ environment, signal: new AbortController().signal }, transport)
  } finally {
    await transport.close()
  }
}
