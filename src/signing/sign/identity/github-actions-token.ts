import { IdentityTokenError } from '../errors.ts'
import { tokenService, type TokenService } from './token-service.ts'

/**
 * GitHub's service of tokens for the job that runs this
 * (https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token).
 *
 * @returns undefined outside of such a job.
 */
export function githubActionsToken(
  environment: Readonly<Record<string, string | undefined>>,
  audience: string,
): TokenService | undefined {
  const address = environment['ACTIONS_ID_TOKEN_REQUEST_URL']
  const bearer = environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']
  if (address === undefined || address === '' || bearer === undefined || bearer === '') return undefined
  const url = URL.parse(address)
  if (url === null)
    throw new IdentityTokenError('Cannot ask GitHub for a token: ACTIONS_ID_TOKEN_REQUEST_URL is not a URL')
  url.searchParams.set('audience', audience)
  return tokenService(
    {
      doing: 'get a token for this workflow from GitHub',
      method: 'GET',
      url,
      headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
    },
    'value',
  )
}
