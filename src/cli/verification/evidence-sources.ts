import type { Source } from '../../content/index.ts'
import { UsageError } from '../../errors/index.ts'
import { createTransport, isLoopbackAddress } from '../../http/index.ts'
import type { Digest } from '../../oci/index.ts'
import {
  bundleLines,
  type Evidence,
  EvidenceBudget,
  type GithubCriteria,
  githubEvidence,
  largestBundleFile,
  placeEvidence,
} from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'
import { safeText } from '../render/safe-text.ts'
import { packageVersion } from '../version.ts'
import type { SourceFlags } from './source-flags.ts'

/** One place where signatures are looked for. */
export interface EvidenceSource {
  /** As a person reads it. */
  readonly name: string
  /** @throws when the place does not say what there is. */
  find(): Promise<readonly Evidence[]>
}

/** What {@link evidenceSources} works with. */
export interface EvidenceRequest {
  readonly source: Source
  /** The manifests that may be signed, the one that was named first. */
  readonly subjects: readonly Digest[]
  /** Set where GitHub's rules were asked for. */
  readonly github: GithubCriteria | undefined
}

/**
 * The places where signatures are looked for, in the order in which they are asked: a file alone where one is given; else where the
 * image is, and GitHub's store where its rules are asked for.
 *
 * @throws {UsageError} for flags that do not go together.
 */
export function evidenceSources(
  context: CliContext,
  flags: SourceFlags,
  { source, subjects, github }: EvidenceRequest,
): readonly EvidenceSource[] {
  const from = wantedPlaces(flags, github)
  const budget = new EvidenceBudget()
  const { signal } = context
  const { bundle } = flags
  if (bundle !== undefined) {
    const path = bundle === '-' ? 'standard input' : bundle
    const read = async (): Promise<readonly Evidence[]> =>
      bundleLines(await readInput(context, bundle, largestBundleFile), { path, subjects, budget })
    return [{ name: path, find: read }]
  }
  const place: EvidenceSource = {
    name: source.display,
    find: async () =>
      (
        await Promise.all(subjects.map((subject) => placeEvidence(source, subject, { budget, signal })))
      ).flat(),
  }
  if (from === 'registry' || github === undefined) return [place]
  const asked: EvidenceSource = {
    name: 'GitHub',
    find: () => askGithub(context, subjects, github, budget),
  }
  return from === 'github' ? [asked] : [place, asked]
}

function wantedPlaces(
  flags: SourceFlags,
  github: GithubCriteria | undefined,
): 'registry' | 'github' | 'both' {
  const { bundle, bundleFromOci = false, from, offline = false } = flags
  if (bundle !== undefined && (from !== undefined || bundleFromOci))
    throw new UsageError('Cannot take --bundle together with --from: the file is all that is looked at')
  if (bundleFromOci && from !== undefined && from !== 'registry')
    throw new UsageError(`Cannot take --bundle-from-oci together with --from ${from}`)
  const asksGithub = from === 'github' || from === 'both'
  if (asksGithub && github === undefined)
    throw new UsageError(
      `Cannot look at GitHub (--from ${from}) without --owner or --repo: it is asked whose attestations`,
    )
  if (asksGithub && offline) throw new UsageError(`Cannot look at GitHub (--from ${from}) with --offline`)
  if (bundleFromOci || offline || github === undefined) return 'registry'
  return from ?? 'both'
}

async function askGithub(
  { environment, output, signal }: CliContext,
  subjects: readonly Digest[],
  { owner, repository }: GithubCriteria,
  budget: EvidenceBudget,
): Promise<readonly Evidence[]> {
  const api = githubApi(environment['GITHUB_API_URL'])
  const token = [environment['GITHUB_TOKEN'], environment['GH_TOKEN']].find((value) => (value ?? '') !== '')
  const transport = createTransport({
    environment,
    userAgent: `lading/${packageVersion()}`,
    tries: 3,
    maxRetryAfter: 10,
    onExchange: ({ method, url, status, milliseconds }) => {
      if (output.debug) output.note(`${method} ${safeText(url)} ${status} ${Math.round(milliseconds)} ms`)
    },
  })
  try {
    const of = repository === undefined ? owner : `${owner}/${repository}`
    const found = await Promise.all(
      subjects.map((subject) =>
        githubEvidence(subject, { transport, api, token, owner: of, budget, signal }),
      ),
    )
    return found.flat()
  } finally {
    await transport.close()
  }
}

/** `GITHUB_API_URL` is set where a workflow runs, and by who has a server of his own. */
function githubApi(text: string | undefined): URL {
  if (text === undefined || text === '') return new URL('https://api.github.com')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackAddress(url.hostname))) return url
  throw new UsageError(`Cannot ask GitHub: GITHUB_API_URL is not an https URL`)
}
