import type { CertificateClaims, Signer, TextCondition } from '../types.ts'
import { matchesText } from '../verify/matches-text.ts'
import { asciiLowerCase } from './ascii-lower-case.ts'
import type { ClaimFailure } from './claim-failure.ts'
import { conditionText } from './condition-text.ts'

/** What a workflow of GitHub Actions has to be, as `gh attestation verify` asks for it. */
export interface GithubCriteria {
  /** Whose repository the source is of: a user or an organization. Compared without case, as all names of GitHub. */
  readonly owner: string
  /** The source repository's name; default: any of the owner's. */
  readonly repository?: string | undefined
  /**
   * Which workflow signed. Default: one in the source repository where that is named, else one of the owner's.
   *
   * - `repository`: any in `OWNER/NAME`.
   * - `workflow`: `OWNER/NAME/path/to/workflow.yml`, at any ref, or at one with `@refs/…`. Case as written.
   * - `given`: the signer policy says.
   */
  readonly signer?:
    | { readonly kind: 'repository'; readonly repository: string }
    | { readonly kind: 'workflow'; readonly workflow: string }
    | { readonly kind: 'given' }
    | undefined
  /** The ref of the source: `refs/tags/v1`. */
  readonly sourceRef?: TextCondition | undefined
  /** The commit of the source, hex. */
  readonly sourceDigest?: string | undefined
  /** Only runners that GitHub hosts. */
  readonly denySelfHostedRunners?: boolean | undefined
}

/** The issuer of GitHub Actions' tokens. */
export const githubIssuer = 'https://token.actions.githubusercontent.com'
const github = 'https://github.com/'

/** The first criterion that a verified signer does not fulfil; a claim that is missing fulfils none. */
export function checkGithub(signer: Signer, criteria: GithubCriteria): ClaimFailure | undefined {
  if (signer.kind !== 'certificate')
    return { check: 'identity', message: 'a key signed, and no workflow of GitHub' }
  const { claims, identity } = signer
  return (
    checkSigner(identity, criteria) ??
    checkSource(claims, criteria) ??
    checkRef(claims.sourceRepositoryRef, criteria.sourceRef) ??
    expectEqual('source-digest', 'its commit', claims.sourceRepositoryDigest, criteria.sourceDigest) ??
    expectEqual(
      'runner',
      'its runner',
      claims.runnerEnvironment,
      criteria.denySelfHostedRunners === true ? 'github-hosted' : undefined,
    )
  )
}

/** The subject alternative name is `https://github.com/OWNER/NAME/path@ref`. */
function checkSigner(identity: string, criteria: GithubCriteria): ClaimFailure | undefined {
  const { owner, repository, signer } = criteria
  const fails = (wanted: string): ClaimFailure => ({
    check: 'signer',
    message: `the signer is ${identity}, asked for is ${wanted}`,
  })
  if (signer?.kind === 'given') return undefined
  if (signer?.kind === 'workflow') {
    const wanted = `${github}${signer.workflow}`
    const fits = wanted.includes('@') ? identity === wanted : identity.startsWith(`${wanted}@`)
    return fits ? undefined : fails(`the workflow ${signer.workflow}`)
  }
  const of = signer?.repository ?? (repository === undefined ? owner : `${owner}/${repository}`)
  // The slash matters: without it another owner whose name only begins alike would do.
  return asciiLowerCase(identity).startsWith(asciiLowerCase(`${github}${of}/`))
    ? undefined
    : fails(`a workflow of ${of}`)
}

function checkSource(
  claims: CertificateClaims,
  { owner, repository }: GithubCriteria,
): ClaimFailure | undefined {
  const ownerFailure = expectSameName('source-owner', claims.sourceRepositoryOwnerUri, `${github}${owner}`)
  if (ownerFailure !== undefined || repository === undefined) return ownerFailure
  return expectSameName('source-repository', claims.sourceRepositoryUri, `${github}${owner}/${repository}`)
}

function checkRef(actual: string | undefined, wanted: TextCondition | undefined): ClaimFailure | undefined {
  if (wanted === undefined || (actual !== undefined && matchesText(wanted, actual))) return undefined
  return {
    check: 'source-ref',
    message: `its ref is ${actual ?? 'not said'}, asked for is ${conditionText(wanted)}`,
  }
}

function expectSameName(
  check: ClaimFailure['check'],
  actual: string | undefined,
  wanted: string,
): ClaimFailure | undefined {
  const isSame = actual !== undefined && asciiLowerCase(actual) === asciiLowerCase(wanted)
  return isSame
    ? undefined
    : { check, message: `its source is of ${actual ?? 'nobody it names'}, asked for is ${wanted}` }
}

function expectEqual(
  check: ClaimFailure['check'],
  what: string,
  actual: string | undefined,
  wanted: string | undefined,
): ClaimFailure | undefined {
  return wanted === undefined || actual === wanted
    ? undefined
    : { check, message: `${what} is ${actual ?? 'not said'}, asked for is ${wanted}` }
}
