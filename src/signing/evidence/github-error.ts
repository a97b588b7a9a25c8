import { AccessRefusedError, RateLimitedError, UnavailableError } from '../../content/index.ts'
import type { LadingError } from '../../errors/index.ts'
import type { HttpResponse } from '../../http/index.ts'

/** The error for an answer of GitHub's API that is not the list that was asked for; its body is read away. */
export async function githubError(
  response: HttpResponse,
  { owner, token }: { readonly owner: string; readonly token: string | undefined },
): Promise<LadingError> {
  const { status } = response
  await response.discard()
  const doing = `Cannot ask GitHub for the attestations of ${owner}`
  if (status === 429 || (status === 403 && isLimited(response))) {
    const retryAfter = seconds(response.header('retry-after'))
    return new RateLimitedError(`${doing}: GitHub limits the rate of requests`, {
      retryAfter,
      hint:
        token === undefined
          ? 'Set GITHUB_TOKEN: GitHub allows more to those who say who they are.'
          : 'Wait until the limit is lifted, or read from the registry alone: --from registry',
    })
  }
  if (status === 401 || status === 403) {
    return new AccessRefusedError(
      status === 401 ? 'UNAUTHORIZED' : 'DENIED',
      `${doing}: GitHub refuses (status ${status})`,
      { hint: 'Set GITHUB_TOKEN to a token that may read attestations.' },
    )
  }
  if (status === 404) {
    return new UnavailableError(
      `${doing}: GitHub answered with status 404, there being none or none that may be seen`,
      {
        status,
        hint:
          token === undefined
            ? 'Of a private repository they are seen with GITHUB_TOKEN. To read from the registry alone: --from registry'
            : 'Check the name and what the token may see. To read from the registry alone: --from registry',
      },
    )
  }
  return new UnavailableError(`${doing}: GitHub answered with status ${status}`, { status })
}

/** GitHub's primary limit leaves 0 requests; the secondary one says how long to wait. */
function isLimited(response: HttpResponse): boolean {
  return response.header('x-ratelimit-remaining') === '0' || response.header('retry-after') !== undefined
}

function seconds(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : undefined
}
