import { IdentityTokenError } from '../errors.ts'
import { below } from '../services/service-url.ts'
import { tokenService, type TokenService } from './token-service.ts'

/**
 * Buildkite's service of tokens for the job that runs this, as `buildkite-agent oidc request-token` asks it
 * (https://buildkite.com/docs/agent/v3/cli-oidc).
 *
 * @returns undefined outside of such a job.
 */
export function buildkiteToken(
  environment: Readonly<Record<string, string | undefined>>,
  audience: string,
): TokenService | undefined {
  const job = environment['BUILDKITE_JOB_ID']
  const access = environment['BUILDKITE_AGENT_ACCESS_TOKEN']
  if (job === undefined || job === '' || access === undefined || access === '') return undefined
  const endpoint = URL.parse(environment['BUILDKITE_AGENT_ENDPOINT'] || 'https://agent.buildkite.com/v3')
  if (endpoint === null)
    throw new IdentityTokenError('Cannot ask Buildkite for a token: BUILDKITE_AGENT_ENDPOINT is not a URL')
  return tokenService(
    {
      doing: 'get a token for this job from Buildkite',
      method: 'POST',
      url: below(endpoint, `/jobs/${encodeURIComponent(job)}/oidc/tokens`),
      headers: {
        authorization: `Token ${access}`,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body: Buffer.from(JSON.stringify({ audience })),
    },
    'token',
  )
}
