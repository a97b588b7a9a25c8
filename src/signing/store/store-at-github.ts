import {
  AccessRefusedError,
  type OperationOptions,
  RateLimitedError,
  UnavailableError,
} from '../../content/index.ts'
import { HttpConnectionError, type HttpResponse, type Transport } from '../../http/index.ts'
import { githubBody } from '../evidence/github-body.ts'
import { asRecord, readJson } from '../evidence/read-json.ts'

/** Where and as whom {@link storeAtGithub} stores. */
export interface GithubStoreOptions extends OperationOptions {
  readonly transport: Transport
  /** The API's root, as `https://api.github.com`. */
  readonly api: URL
  /** Sent to the API and to nobody else. */
  readonly token: string
  /** `OWNER/NAME`. */
  readonly repository: string
}

const largestAnswer = 1024 * 1024

/**
 * Stores an attestation in the store that GitHub keeps for a repository ("Create an attestation", REST API version
 * 2022-11-28).
 *
 * @returns GitHub's number for it.
 * @throws {AccessRefusedError} the token may not write attestations, or there is no such repository for it.
 * @throws {RateLimitedError} {@link UnavailableError} GitHub did not take it.
 */
export async function storeAtGithub(bundle: unknown, options: GithubStoreOptions): Promise<string> {
  const { repository, signal } = options
  signal?.throwIfAborted()
  const response = await post(bundle, options)
  if (response.status !== 201) throw await refusal(response, options)
  const answer = asRecord(readJson(await githubBody(response, largestAnswer, repository)))
  const id = answer?.['id']
  if (typeof id === 'number' || (typeof id === 'string' && /^\d{1,20}$/.test(id))) return String(id)
  throw new UnavailableError(`${doing(options)}: GitHub took it and did not say its number`)
}

async function post(bundle: unknown, options: GithubStoreOptions): Promise<HttpResponse> {
  const { api, repository, signal, token, transport } = options
  const path = repository.split('/').map(encodeURIComponent).join('/')
  try {
    return await transport.request({
      method: 'POST',
      url: new URL(`repos/${path}/attestations`, api.href.endsWith('/') ? api : `${api.href}/`),
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-github-api-version': '2022-11-28',
      },
      body: Buffer.from(JSON.stringify({ bundle })),
      redirect: 'manual',
      signal,
    })
  } catch (error) {
    if (!(error instanceof HttpConnectionError)) throw error
    throw new UnavailableError(`${doing(options)}: ${api.host} cannot be reached (${error.reason})`, {
      cause: error,
    })
  }
}

async function refusal(response: HttpResponse, options: GithubStoreOptions): Promise<Error> {
  const { status } = response
  const said = await message(response, options)
  const reason = `GitHub answered with status ${status}${said}`
  if (status === 429 || response.header('x-ratelimit-remaining') === '0')
    return new RateLimitedError(`${doing(options)}: GitHub limits the rate of requests`)
  if (status === 401 || status === 403 || status === 404) {
    return new AccessRefusedError(
      status === 401 ? 'UNAUTHORIZED' : 'DENIED',
      `${doing(options)}: ${reason}`,
      { hint: 'Give the job the permission "attestations: write", and the step GITHUB_TOKEN.' },
    )
  }
  return new UnavailableError(`${doing(options)}: ${reason}`, { status })
}

/** `{"message": …}`, as GitHub's errors have it. */
async function message(response: HttpResponse, { repository }: GithubStoreOptions): Promise<string> {
  const answer = asRecord(readJson(await githubBody(response, largestAnswer, repository)))
  const text = answer?.['message']
  return typeof text === 'string' ? ` (${text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, 200)})` : ''
}

function doing({ repository }: GithubStoreOptions): string {
  return `Cannot store the attestation at GitHub for ${repository}`
}
