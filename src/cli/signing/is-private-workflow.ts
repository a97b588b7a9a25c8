import type { Transport } from '../../http/index.ts'
import { workflowClaims } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'

/**
 * Says whether this is a job of GitHub Actions in a repository that not everybody sees, as GitHub says; what it does not
 * say is private.
 */
export async function isPrivateWorkflow(
  { environment, signal }: Pick<CliContext, 'environment' | 'signal'>,
  transport: Transport,
): Promise<boolean> {
  if (environment['GITHUB_ACTIONS'] !== 'true') return false
  const { repository_visibility: visibility } = await workflowClaims({ environment, signal, transport })
  return visibility !== 'public'
}
