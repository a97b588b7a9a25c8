import type { OperationOptions } from '../../../content/index.ts'
import type { Transport } from '../../../http/index.ts'
import { IdentityTokenError } from '../errors.ts'
import { buildkiteToken } from './buildkite-token.ts'
import { githubActionsToken } from './github-actions-token.ts'
import { IdentityToken } from './identity-token.ts'

/** Where {@link ambientIdentityToken} looks. */
export interface AmbientIdentityOptions extends OperationOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly transport: Transport
  /** Whom the token is for; default `sigstore`. */
  readonly audience?: string | undefined
}

/**
 * The token of the job that runs this, where there is one: `SIGSTORE_ID_TOKEN` (as GitLab's `id_tokens` set it), GitHub
 * Actions with `id-token: write`, Buildkite. Each call asks anew.
 *
 * @returns undefined where this runs in none of them.
 * @throws {IdentityTokenError} the job may not have one, or what it has is none.
 * @throws {SigningServiceError} the service of the job did not give one.
 */
export async function ambientIdentityToken(
  options: AmbientIdentityOptions,
): Promise<IdentityToken | undefined> {
  const { environment, audience = 'sigstore', signal } = options
  signal?.throwIfAborted()
  const given = environment['SIGSTORE_ID_TOKEN']
  if (given !== undefined && given !== '') return new IdentityToken(given.trim())
  const service = githubActionsToken(environment, audience) ?? buildkiteToken(environment, audience)
  if (service !== undefined) return service(options)
  if (environment['GITHUB_ACTIONS'] === 'true')
    throw new IdentityTokenError('Cannot sign as this workflow: the job may not ask GitHub for a token', {
      hint: 'Give the job the permission "id-token: write".',
    })
  if (environment['GITLAB_CI'] === 'true')
    throw new IdentityTokenError('Cannot sign as this pipeline: the job has no token', {
      hint: 'Give the job under id_tokens: SIGSTORE_ID_TOKEN with "aud: sigstore".',
    })
  return undefined
}
