import { createLimiter, UnavailableError } from '../../content/index.ts'
import type { Digest } from '../../oci/index.ts'
import { decodeSnappy, SnappyFormatError } from './decode-snappy.ts'
import type { Evidence, EvidenceContent } from './evidence.ts'
import { largestEvidence } from './evidence-budget.ts'
import { githubBody } from './github-body.ts'
import { type GithubEvidenceOptions, listAttestations } from './list-attestations.ts'
import { asRecord, readJson, textIn } from './read-json.ts'

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
  const compressed = await githubBody(response, largestEvidence, owner)
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
