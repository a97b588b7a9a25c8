import type { Source } from '../../content/index.ts'
import { UsageError } from '../../errors/index.ts'
import type { Digest } from '../../oci/index.ts'
import {
  bundleLines,
  type Evidence,
  EvidenceBudget,
  githubEvidence,
  placeEvidence,
} from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { githubApi } from '../github-api.ts'
import { serviceTransport } from '../service-transport.ts'
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
  /** Whose attestations GitHub is asked for: `OWNER` or `OWNER/NAME` of each. */
  readonly owners: readonly string[]
  /** Where to look, unless the flags say. */
  readonly search: SearchedPlaces
  /** The bytes of `--bundle`, where that is given. */
  readonly readBundle: () => Promise<Uint8Array>
}

/** Where signatures are looked for. */
type SearchedPlaces = 'registry' | 'github' | 'both'

/**
 * The places where signatures are looked for, in the order in which they are asked: a file alone where one is given; else where the
 * image is, and GitHub's store where its rules are asked for.
 *
 * @throws {UsageError} for flags that do not go together.
 */
export function evidenceSources(
  context: CliContext,
  flags: SourceFlags,
  { owners, readBundle, search, source, subjects }: EvidenceRequest,
): readonly EvidenceSource[] {
  const from = wantedPlaces(flags, owners, search)
  const budget = new EvidenceBudget()
  const { signal } = context
  const { bundle } = flags
  if (bundle !== undefined) {
    const path = bundle === '-' ? 'standard input' : bundle
    const read = async (): Promise<readonly Evidence[]> =>
      bundleLines(await readBundle(), { path, subjects, budget })
    return [{ name: path, find: read }]
  }
  const place: EvidenceSource = {
    name: source.display,
    find: async () =>
      (
        await Promise.all(subjects.map((subject) => placeEvidence(source, subject, { budget, signal })))
      ).flat(),
  }
  if (from === 'registry') return [place]
  const asked = owners.map((owner): EvidenceSource => ({
    name: 'GitHub',
    find: () => askGithub(context, subjects, owner, budget),
  }))
  return from === 'github' ? asked : [place, ...asked]
}

function wantedPlaces(flags: SourceFlags, owners: readonly string[], search: SearchedPlaces): SearchedPlaces {
  const { bundle, bundleFromOci = false, from, offline = false, repository } = flags
  if (bundle !== undefined && repository !== undefined)
    throw new UsageError('Cannot take --bundle together with --repository: the file is all that is looked at')
  if (bundle !== undefined && (from !== undefined || bundleFromOci))
    throw new UsageError('Cannot take --bundle together with --from: the file is all that is looked at')
  if (bundleFromOci && from !== undefined && from !== 'registry')
    throw new UsageError(`Cannot take --bundle-from-oci together with --from ${from}`)
  const asksGithub = from === 'github' || from === 'both'
  if (asksGithub && owners.length === 0)
    throw new UsageError(
      `Cannot look at GitHub (--from ${from}) without --owner or --repo: it is asked whose attestations`,
    )
  if (asksGithub && offline) throw new UsageError(`Cannot look at GitHub (--from ${from}) with --offline`)
  if (bundle !== undefined || bundleFromOci) return 'registry'
  const wanted = from ?? search
  if (wanted === 'github' && owners.length === 0)
    throw new UsageError('Cannot look at GitHub: nothing says whose attestations it is asked for')
  if (wanted === 'github' && offline)
    throw new UsageError(
      'Cannot look at GitHub with --offline, where the rule says that the signatures are',
      {
        hint: 'Give them in a file: --bundle FILE',
      },
    )
  return offline || owners.length === 0 ? 'registry' : wanted
}

/** Asks GitHub's attestation store, with the token of the environment. */
export async function askGithub(
  context: CliContext,
  subjects: readonly Digest[],
  owner: string,
  budget: EvidenceBudget,
): Promise<readonly Evidence[]> {
  const { api, token } = githubApi(context)
  const transport = serviceTransport(context)
  try {
    const found = await Promise.all(
      subjects.map((subject) =>
        githubEvidence(subject, { transport, api, token, owner, budget, signal: context.signal }),
      ),
    )
    return found.flat()
  } finally {
    await transport.close()
  }
}
