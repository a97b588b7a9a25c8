import { LadingError, UsageError } from '../../errors/index.ts'
import { type Claim, claimOf, type Evidence } from '../../signing/index.ts'
import type { CliContext } from '../context.ts'
import { fieldLines } from '../render/field-lines.ts'
import { safeText } from '../render/safe-text.ts'
import type { EvidenceSource } from './evidence-sources.ts'

const mostShown = 10

/**
 * Says that nothing can be verified without saying whom to trust, who claims to have signed, and how to ask for that one.
 *
 * @throws {UsageError} always.
 */
export async function refuseWithoutCriteria(
  context: CliContext,
  image: string,
  sources: readonly EvidenceSource[],
): Promise<never> {
  const problem = `Cannot verify ${image}: whom to trust is not said`
  const usual = '--owner NAME, --repo OWNER/NAME, --identity URI --issuer URL, or --key FILE'
  const claims = await claimsIn(context, sources)
  const [first] = claims ?? []
  if (claims === undefined || first === undefined) {
    if (claims !== undefined)
      context.output.note(`nothing is attached to ${safeText(image)} that says who signed it`)
    throw new UsageError(problem, { hint: usual })
  }
  showClaims(context, claims)
  const question = questionFor(first)
  throw new UsageError(problem, {
    hint: `if that is who it should be: lading verify ${question} ${image}; anybody can claim it, so find out elsewhere who it should be`,
  })
}

/** Distinct claims; undefined where they could not be looked for, which is not the question here. */
async function claimsIn(
  { signal }: CliContext,
  sources: readonly EvidenceSource[],
): Promise<readonly Claim[] | undefined> {
  let found: readonly Evidence[]
  try {
    found = (await Promise.all(sources.map((source) => source.find()))).flat()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof LadingError) return undefined
    throw error
  }
  const claims = found.flatMap(({ content }) => claimOf(content) ?? [])
  return [...new Map(claims.map((claim) => [JSON.stringify(claim), claim])).values()]
}

function showClaims({ output }: CliContext, claims: readonly Claim[]): void {
  output.note(output.errorStyle.bold('claims to be signed by (unverified)'))
  for (const { predicateType, signer } of claims.slice(0, mostShown)) {
    const fields = [
      { label: 'signer', values: [signer?.identity ?? 'a key, which claims no name'] },
      { label: 'issuer', values: signer === undefined ? [] : [signer.issuer] },
      { label: 'source', values: present(signer?.claims.sourceRepositoryUri) },
      { label: 'predicate', values: present(predicateType) },
    ]
    for (const line of fieldLines(fields, { style: output.errorStyle })) output.note(line)
  }
  if (claims.length > mostShown) output.note(`  and ${claims.length - mostShown} more`)
}

/** The flags that ask for a claim. Its texts come from outside, and stand where people may paste them into a shell. */
function questionFor({ signer }: Claim): string {
  if (signer === undefined) return '--key FILE'
  const repository = /^https:\/\/github\.com\/([\w-]+\/[\w.-]+)$/.exec(
    signer.claims.sourceRepositoryUri ?? '',
  )?.[1]
  if (repository !== undefined) return `--repo ${repository}`
  return `--identity ${quoted(signer.identity)} --issuer ${quoted(signer.issuer)}`
}

function quoted(text: string): string {
  return /^[\w@:/.+-]+$/.test(text) ? text : `'${safeText(text).replaceAll("'", String.raw`'\''`)}'`
}

function present(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text]
}
