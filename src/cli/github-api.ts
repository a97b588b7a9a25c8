import { UsageError } from '../errors/index.ts'
import { isLoopbackAddress } from '../http/index.ts'
import type { CliContext } from './context.ts'

/** GitHub's API, and the token to it where the environment has one. */
export interface GithubApi {
  readonly api: URL
  readonly token: string | undefined
}

/** `GITHUB_API_URL` is set where a workflow runs, and by who has a server of his own. @throws {UsageError} it is not https. */
export function githubApi({ environment }: Pick<CliContext, 'environment'>): GithubApi {
  const token = [environment['GITHUB_TOKEN'], environment['GH_TOKEN']].find((value) => (value ?? '') !== '')
  return { api: apiUrl(environment['GITHUB_API_URL']), token }
}

function apiUrl(text: string | undefined): URL {
  if (text === undefined || text === '') return new URL('https://api.github.com')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackAddress(url.hostname))) return url
  throw new UsageError(`Cannot ask GitHub: GITHUB_API_URL is not an https URL`)
}
