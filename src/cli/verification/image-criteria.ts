import { UsageError } from '../../errors/index.ts'
import {
  type GithubCriteria,
  githubIssuer,
  type ImageCriteria,
  predicateShortNames,
  predicateType,
} from '../../signing/index.ts'
import type { CriteriaFlags } from './criteria-flags.ts'
import { githubOwner, githubRepository, githubWorkflow } from './github-names.ts'
import { signerPolicy, type SignerPolicyOptions } from './signer-flags.ts'

/**
 * What is asked for, by the flags; undefined where they do not say who must have signed.
 *
 * @throws {UsageError} for flags that do not go together, or that cannot be meant.
 */
export async function imageCriteria(
  flags: CriteriaFlags,
  options: Pick<SignerPolicyOptions, 'read'>,
): Promise<ImageCriteria | undefined> {
  const predicate = predicateOf(flags)
  const source = githubSource(flags)
  const signer = await signerPolicy(
    flags,
    source === undefined ? options : { ...options, issuer: githubIssuer },
  )
  if (source === undefined) {
    refuseGithubFlags(flags)
    return signer === undefined ? undefined : { signer, predicateType: predicate }
  }
  if (signer?.kind === 'key')
    throw new UsageError(
      'Cannot take --key together with --owner or --repo: workflows sign with certificates',
    )
  return {
    signer: signer ?? {
      kind: 'identity',
      identity: { pattern: 'https://github.com/*' },
      issuer: { exact: flags.issuer ?? flags.certificateOidcIssuer ?? githubIssuer },
    },
    github: { ...source, ...githubLimits(flags, signer !== undefined) },
    predicateType: predicate ?? predicateType('slsaprovenance1'),
  }
}

function predicateOf({ type, predicateType: asGh }: CriteriaFlags): string | undefined {
  if (type !== undefined && asGh !== undefined)
    throw new UsageError('Cannot take --type and --predicate-type together: they say the same')
  const text = type ?? asGh
  if (text === undefined) return undefined
  const found = predicateType(text)
  if (found !== undefined) return found
  throw new UsageError(`Cannot take ${JSON.stringify(text)} as a predicate type: it is no URI`, {
    hint: `Short names are ${predicateShortNames().join(', ')}.`,
  })
}

function githubSource({
  owner,
  repo,
}: CriteriaFlags): Pick<GithubCriteria, 'owner' | 'repository'> | undefined {
  if (owner !== undefined && repo !== undefined)
    throw new UsageError('Cannot take --owner and --repo together: the repository has its owner in front')
  if (owner !== undefined) {
    if (githubOwner.test(owner)) return { owner }
    throw new UsageError(`Cannot take ${JSON.stringify(owner)} as --owner: it is no name of GitHub`, {
      hint: owner.includes('/') ? `--repo ${owner}` : undefined,
    })
  }
  if (repo === undefined) return undefined
  const [name, repository] = checkedRepository('--repo', repo).split('/')
  return { owner: name ?? '', repository }
}

function githubLimits(
  flags: CriteriaFlags,
  hasIdentity: boolean,
): Omit<GithubCriteria, 'owner' | 'repository'> {
  return {
    signer: workflowSigner(flags, hasIdentity),
    sourceRef: flags.sourceRef === undefined ? undefined : { exact: flags.sourceRef },
    sourceDigest: flags.sourceDigest,
    denySelfHostedRunners: flags.denySelfHostedRunners,
  }
}

function workflowSigner(
  { signerRepo, signerWorkflow }: CriteriaFlags,
  hasIdentity: boolean,
): GithubCriteria['signer'] {
  if ([signerRepo !== undefined, signerWorkflow !== undefined, hasIdentity].filter(Boolean).length > 1)
    throw new UsageError('Cannot take more than one of --signer-repo, --signer-workflow and an identity')
  if (hasIdentity) return { kind: 'given' }
  if (signerRepo !== undefined)
    return { kind: 'repository', repository: checkedRepository('--signer-repo', signerRepo) }
  if (signerWorkflow === undefined) return undefined
  const workflow = signerWorkflow.replace(/^(?:https:\/\/)?github\.com\//, '')
  if (githubWorkflow.test(workflow)) return { kind: 'workflow', workflow }
  throw new UsageError(`Cannot take ${JSON.stringify(signerWorkflow)} as --signer-workflow`, {
    hint: 'It is written OWNER/NAME/.github/workflows/FILE, perhaps with @REF behind it.',
  })
}

function checkedRepository(flag: string, text: string): string {
  if (githubRepository.test(text)) return text
  throw new UsageError(`Cannot take ${JSON.stringify(text)} as ${flag}: it is written OWNER/NAME`)
}

function refuseGithubFlags(flags: CriteriaFlags): void {
  const given = Object.entries({
    '--signer-repo': flags.signerRepo,
    '--signer-workflow': flags.signerWorkflow,
    '--source-ref': flags.sourceRef,
    '--source-digest': flags.sourceDigest,
    '--deny-self-hosted-runners': flags.denySelfHostedRunners,
  }).find(([, value]) => value !== undefined)
  if (given !== undefined)
    throw new UsageError(`Cannot take ${given[0]} without --owner or --repo: they are rules of GitHub`)
}
