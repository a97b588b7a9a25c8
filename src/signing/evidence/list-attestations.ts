import { LimitExceededError, type OperationOptions, UnavailableError } from '../../content/index.ts'
import { HttpConnectionError, type HttpResponse, type Transport } from '../../http/index.ts'
import type { Digest } from '../../oci/index.ts'
import { type EvidenceBudget, mostEvidence } from './evidence-budget.ts'
import { githubBody } from './github-body.ts'
import { githubError } from './github-error.ts'
import { asRecord, readJson } from './read-json.ts'

/** How GitHub is asked. */
export interface GithubEvidenceOptions extends OperationOptions {
  readonly transport: Transport
  /** The API's root, as `https://api.github.com`. */
  readonly api: URL
  /** Sent to the API and to nobody else. */
  readonly token: string | undefined
  /** Whose attestations: `OWNER` or `OWNER/NAME`. */
  readonly owner: string
  readonly budget: EvidenceBudget
}

const perPage = 30
/** Bytes. */
const largestPage = 32 * 1024 * 1024
/** All pages together: bundles may stand in them. */
const mostListed = 128 * 1024 * 1024

/**
 * The attestations that GitHub lists for a digest, all pages of them, each `{bundle, bundle_url}`.
 *
 * @throws {RateLimitedError} {@link AccessRefusedError} {@link UnavailableError} when GitHub does not say.
 * @throws {LimitExceededError} for more than are looked at.
 */
export async function listAttestations(
  subject: Digest,
  options: GithubEvidenceOptions,
): Promise<readonly unknown[]> {
  const found: unknown[] = []
  const visited = new Set<string>()
  let room = mostListed
  let response = await firstPage(subject, options)
  for (;;) {
    const page = await githubBody(response, Math.min(largestPage, room), options.owner)
    room -= page.length
    found.push(...attestationsOf(page, options))
    const next = nextPage(response)
    if (next === undefined) return found
    if (visited.has(next.href)) throw new UnavailableError(`${doing(options)}: its pages go in a circle`)
    visited.add(next.href)
    if (found.length > mostEvidence || visited.size > mostEvidence) throw tooMany(options)
    response = await ask(next, options)
    if (response.status !== 200) throw await githubError(response, options)
  }
}

function tooMany(options: GithubEvidenceOptions): LimitExceededError {
  return new LimitExceededError(`${doing(options)}: there are more than ${mostEvidence}`)
}

function doing({ owner }: GithubEvidenceOptions): string {
  return `Cannot read the attestations of ${owner} at GitHub`
}

/** An owner is an organization, or else a person. */
async function firstPage(subject: Digest, options: GithubEvidenceOptions): Promise<HttpResponse> {
  const { owner } = options
  const kinds = owner.includes('/') ? ['repos'] : ['orgs', 'users']
  const path = owner.split('/').map(encodeURIComponent).join('/')
  let refused: Error | undefined
  for (const kind of kinds) {
    const response = await ask(
      endpoint(options.api, `${kind}/${path}/attestations/${subject}?per_page=${perPage}`),
      options,
    )
    if (response.status === 200) return response
    const isMissing = response.status === 404
    refused = await githubError(response, options)
    if (!isMissing) throw refused
  }
  throw refused ?? new UnavailableError(`Cannot ask GitHub for the attestations of ${owner}`)
}

function endpoint(api: URL, path: string): URL {
  return new URL(path, api.href.endsWith('/') ? api : `${api.href}/`)
}

async function ask(url: URL, options: GithubEvidenceOptions): Promise<HttpResponse> {
  const { transport, token, api, owner, signal } = options
  try {
    return await transport.request({
      method: 'GET',
      url,
      headers: {
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        ...(token === undefined || url.origin !== api.origin ? {} : { authorization: `Bearer ${token}` }),
      },
      signal,
    })
  } catch (error) {
    if (!(error instanceof HttpConnectionError)) throw error
    throw new UnavailableError(
      `Cannot ask GitHub for the attestations of ${owner}: ${api.host} cannot be reached (${error.reason})`,
      { hint: 'To look where the image is alone: --from registry', cause: error },
    )
  }
}

function attestationsOf(page: Uint8Array, options: GithubEvidenceOptions): readonly unknown[] {
  const list = asRecord(readJson(page))?.['attestations']
  if (Array.isArray(list)) {
    if (list.length > mostEvidence) throw tooMany(options)
    return Array.from<unknown>(list)
  }
  throw new UnavailableError(`${doing(options)}: the answer is not a list of attestations`)
}

/** The next page by `Link` (RFC 8288), where it is at the same origin. */
function nextPage(response: HttpResponse): URL | undefined {
  const header = response
    .headerValues('link')
    .join(', ')
    .slice(0, 16 * 1024)
  const target = /<([^<>]*)>\s*;[^,<]*\brel="?next"?/.exec(header)?.[1]
  if (target === undefined) return undefined
  const url = URL.canParse(target, response.url.href) ? new URL(target, response.url) : undefined
  if (url === undefined || url.origin !== response.url.origin)
    throw new UnavailableError("Cannot read GitHub's attestations: the next page is at another host")
  return url
}
