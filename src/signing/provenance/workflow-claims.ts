import * as v from 'valibot'
import { firstIssue } from '../bundle/first-issue.ts'
import { IdentityTokenError } from '../sign/errors.ts'
import { ambientIdentityToken, type AmbientIdentityOptions } from '../sign/identity/ambient-identity-token.ts'
import { IdentityToken } from '../sign/identity/identity-token.ts'

const text = v.pipe(v.string('is not text'), v.minLength(1, 'is empty'), v.maxLength(2048, 'is too long'))

/**
 * What GitHub says of the job that runs this, in the names of its tokens' claims
 * (https://docs.github.com/actions/reference/security/oidc#oidc-token-claims).
 */
export interface WorkflowClaims {
  readonly ref: string
  /** The commit. */
  readonly sha: string
  /** `OWNER/NAME`. */
  readonly repository: string
  readonly repository_id: string
  readonly repository_owner_id: string
  /** `public`, `private`, `internal`. */
  readonly repository_visibility?: string | undefined
  readonly event_name: string
  /** The workflow that began: `OWNER/NAME/path@ref`. */
  readonly workflow_ref: string
  /** The workflow that the job is in, a reusable one perhaps. */
  readonly job_workflow_ref: string
  readonly runner_environment: string
  readonly run_id: string
  readonly run_attempt: string
}

const claimsSchema: v.GenericSchema<unknown, WorkflowClaims> = v.object(
  {
    ref: text,
    sha: text,
    repository: text,
    repository_id: text,
    repository_owner_id: text,
    repository_visibility: v.optional(text),
    event_name: text,
    workflow_ref: text,
    job_workflow_ref: text,
    runner_environment: text,
    run_id: text,
    run_attempt: text,
  },
  'is not an object',
)

/**
 * Asks GitHub what job this is. The variables of the environment say most of it too, but any step of the job may change
 * them; the claims come from GitHub alone. The token is for nobody, and good for nothing else.
 *
 * @throws {IdentityTokenError} outside of GitHub Actions, without the permission `id-token: write`, or where a claim is
 *   missing.
 */
export async function workflowClaims(
  options: Omit<AmbientIdentityOptions, 'audience'>,
): Promise<WorkflowClaims> {
  const { environment } = options
  if (environment['GITHUB_ACTIONS'] !== 'true')
    throw new IdentityTokenError('Cannot say how this was built: this is no job of GitHub Actions', {
      hint: 'Elsewhere the provenance comes from a file: --type slsaprovenance1 --predicate FILE',
    })
  // What another issuer says of this job is not what GitHub says.
  const ownOnly = { ...environment, SIGSTORE_ID_TOKEN: undefined }
  const token = await ambientIdentityToken({ ...options, environment: ownOnly, audience: 'nobody' })
  if (token === undefined) throw new IdentityTokenError('Cannot say how this was built: GitHub gave no token')
  const [, payload = ''] = IdentityToken.textOf(token).split('.')
  const json: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
  const result = v.safeParse(claimsSchema, json, { abortEarly: true })
  if (result.success) return result.output
  throw new IdentityTokenError(
    `Cannot say how this was built: in what GitHub says of the job ${firstIssue(result.issues)}`,
  )
}
