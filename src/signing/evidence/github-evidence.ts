import {
  createLimiter,
  LimitExceededError,
  type OperationOptions,
  UnavailableError,
} from '../../content/index.ts'
import {
  HttpBodyTooLargeError,
  HttpConnectionError,
  type HttpResponse,
  type Transport,
} from '../../http/index.ts'
import type { Digest } from '../../oci/index.ts'
import { decodeSnappy, SnappyFormatError } from './decode-snappy.ts'
import type { Evidence, EvidenceContent } from './evidence.ts'
import { type EvidenceBudget, largestEvidence, mostEvidence } from './evidence-budget.ts'
import { githubError } from './github-error.ts'
import { asRecord, readJson, textIn } from './read-json.ts'

/** Options of {@link githubEvidence}. */
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
const largestPage = 32 * 1024 * 1024

/**
 * Asks GitHub's attestation API what it has about a digest ("List attestations", REST API version 2022-11-28). A bundle comes
 * inline or from a URL, compressed with Snappy.
 *
 * @throws {RateLimitedError} {@link AccessRefusedError} {@link UnavailableError} when GitHub does not say; also for its 404, which it
 *   gives both where there are none and where the token may not see them.
 */
export async function githubEvidence(
  subject: Digest,
  options: GithubEvidenceOptions,
): Promise<readonly Evidence[]> {
  const { owner, signal } = options
  signal?.throwIfAborted()
  const listed = await listAttestations(subject, options)
  const limiter = createLimiter(8)
  return Promise.all(
    listed.map(async (attestation, index) => ({
      place: { kind: 'github', owner, number: index + 1 } as const,
      subjects: [subject],
      content: await limiter.run(() => readAttestation(attestation, options)),
    })),
  )
}

async function listAttestations(
  subject: Digest,
  options: GithubEvidenceOptions,
): Promise<readonly unknown[]> {
  const found: unknown[] = []
  const visited = new Set<string>()
  let response = await firstPage(subject, options)
  for (;;) {
    found.push(...(await attestationsOf(response, options)))
    const next = nextPage(response)
    if (next === undefined) return found
    visited.add(next.href)
    if (found.length > mostEvidence || visited.size > mostEvidence)
      throw new LimitExceededError(
        `Cannot read the attestations of ${options.owner} at GitHub: there are more than ${mostEvidence}`,
      )
    response = await ask(next, options)
    if (response.status !== 200) throw await githubError(response, options)
  }
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

async function attestationsOf(
  response: HttpResponse,
  { owner }: GithubEvidenceOptions,
): Promise<readonly unknown[]> {
  const list = asRecord(readJson(await bodyOf(response, largestPage, owner)))?.['attestations']
  if (Array.isArray(list)) return Array.from<unknown>(list)
  throw new UnavailableError(
    `Cannot read the attestations of ${owner} at GitHub: the answer is not a list of attestations`,
  )
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

async function readAttestation(
  attestation: unknown,
  options: GithubEvidenceOptions,
): Promise<EvidenceContent> {
  const url = textIn(attestation, 'bundle_url')
  if (url !== undefined && url !== '') return downloadBundle(url, options)
  const bundle = asRecord(asRecord(attestation)?.['bundle'])
  options.budget.take(0)
  return bundle === undefined
    ? { kind: 'unreadable', reason: 'it has neither a bundle nor a URL of one' }
    : { kind: 'bundle', bundle }
}

/** The URL is of a store behind GitHub, carries its own permission, and never gets the token. */
async function downloadBundle(text: string, options: GithubEvidenceOptions): Promise<EvidenceContent> {
  const { api, budget, owner, signal, transport } = options
  if (!URL.canParse(text)) return { kind: 'unreadable', reason: 'the URL of its bundle is none' }
  const response = await transport.request({ method: 'GET', url: new URL(text), onBehalfOf: api, signal })
  if (response.status !== 200) {
    await response.discard()
    throw new UnavailableError(
      `Cannot fetch an attestation of ${owner}: GitHub's storage answered with status ${response.status}`,
      { status: response.status },
    )
  }
  const compressed = await bodyOf(response, largestEvidence, owner)
  try {
    const bytes = decodeSnappy(compressed, largestEvidence)
    budget.take(bytes.length)
    const bundle = readJson(bytes)
    return bundle === undefined
      ? { kind: 'unreadable', reason: 'it is not JSON' }
      : { kind: 'bundle', bundle }
  } catch (error) {
    if (!(error instanceof SnappyFormatError)) throw error
    return { kind: 'unreadable', reason: `it cannot be decompressed: ${error.message}` }
  }
}

async function bodyOf(response: HttpResponse, limit: number, owner: string): Promise<Uint8Array> {
  try {
    return await response.bytes(limit)
  } catch (error) {
    if (!(error instanceof HttpBodyTooLargeError)) throw error
    throw new LimitExceededError(
      `Cannot read the attestations of ${owner} at GitHub: an answer has more than ${limit} bytes`,
      { cause: error },
    )
  }
}
