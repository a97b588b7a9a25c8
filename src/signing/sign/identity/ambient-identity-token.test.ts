import { describe, expect, test } from 'vitest'
import { identityTokenText } from '../../../../test/fixtures/sigstore/identity-token.ts'
import { type ScriptedExchange, withScriptedServer } from '../../../../test/fixtures/scripted-server.ts'
import { createTransport } from '../../../http/index.ts'
import { ambientIdentityToken } from './ambient-identity-token.ts'
import { IdentityToken } from './identity-token.ts'

const text = identityTokenText({ iss: 'https://issuer.example', sub: 'repo:org/app' })

async function ambient(
  environment: (origin: string) => Readonly<Record<string, string>>,
  exchanges: readonly ScriptedExchange[] = [],
): Promise<string | undefined> {
  const transport = createTransport({ tries: 1 })
  try {
    return await withScriptedServer(exchanges, async ({ origin }) => {
      const token = await ambientIdentityToken({ environment: environment(origin), transport })
      return token === undefined ? undefined : IdentityToken.textOf(token)
    })
  } finally {
    await transport.close()
  }
}

function inGithub(origin: string): Readonly<Record<string, string>> {
  return {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runtime-token',
  }
}

function inBuildkite(origin: string): Readonly<Record<string, string>> {
  return {
    BUILDKITE_JOB_ID: '0188-1',
    BUILDKITE_AGENT_ACCESS_TOKEN: 'agent-token',
    BUILDKITE_AGENT_ENDPOINT: `${origin}/v3/`,
  }
}

describe('ambientIdentityToken()', () => {
  test('takes SIGSTORE_ID_TOKEN before it asks anybody', async () => {
    const given = (origin: string): Readonly<Record<string, string>> => ({
      SIGSTORE_ID_TOKEN: `${text}\n`,
      ACTIONS_ID_TOKEN_REQUEST_URL: origin,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
    })
    await expect(ambient(given)).resolves.toBe(text)
  })

  test('asks GitHub for a token for sigstore', async () => {
    const request = {
      method: 'GET',
      path: '/token?api-version=2.0&audience=sigstore',
      headers: { authorization: 'Bearer runtime-token' },
    }
    await expect(
      ambient(inGithub, [[request, { body: JSON.stringify({ count: 1, value: text }) }]]),
    ).resolves.toBe(text)
  })

  test('asks Buildkite for a token for sigstore', async () => {
    const request = {
      method: 'POST',
      path: '/v3/jobs/0188-1/oidc/tokens',
      headers: { authorization: 'Token agent-token' },
      body: '{"audience":"sigstore"}',
    }
    await expect(ambient(inBuildkite, [[request, { body: JSON.stringify({ token: text }) }]])).resolves.toBe(
      text,
    )
  })

  test('is nothing elsewhere', async () => {
    await expect(ambient(() => ({ HOME: '/root' }))).resolves.toBeUndefined()
  })

  test.each([
    ['GITHUB_ACTIONS', 'id-token: write'],
    ['GITLAB_CI', 'id_tokens'],
  ])('says what a job with %s lacks', async (name, hint) => {
    await expect(ambient(() => ({ [name]: 'true' }))).rejects.toMatchObject({
      code: 'IDENTITY_TOKEN',
      hint: expect.stringContaining(hint) as unknown,
    })
  })

  test('does not follow a redirect with the credential', async () => {
    const request = { method: 'GET', path: '/token?api-version=2.0&audience=sigstore' }
    const answer = { status: 302, headers: { location: '{origin}/elsewhere?token=secret' } }
    await expect(ambient(inGithub, [[request, answer]])).rejects.toThrow(
      /status 302 and leads to .*elsewhere\?token=REDACTED, which is not followed/,
    )
  })

  test.each([
    'http://elsewhere.example/token',
    'ftp://127.0.0.1/token',
    'https://me:secret@elsewhere.example/',
  ])('sends no credential to %s', async (url) => {
    const given = { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' }
    const problem = await ambient(() => given).catch(String)
    expect(problem).toMatch(/neither https nor on this machine|holds a user or password/)
    expect(problem).not.toContain('secret')
  })

  test.each(['{"value":""}', '{}', '{"value":1}'])(
    'says so when what it is given is no token: %s',
    async (body) => {
      await expect(ambient(inGithub, [[{ method: 'GET', path: /token/ }, { body }]])).rejects.toThrow(
        /not a signed JSON Web/,
      )
    },
  )
})
