import type { CertificateClaims, Signer } from '../signing/index.ts'
import type { RememberedSigner } from './lock.ts'

/** What of a verified signer stays the same from release to release. */
export function rememberedSigner(signer: Signer): RememberedSigner {
  if (signer.kind === 'key') return { key: signer.keyDigest }
  const { claims, identity, issuer } = signer
  const stable = withoutRef(identity)
  const workflow = claims.buildConfigUri === undefined ? undefined : withoutRef(claims.buildConfigUri)
  return withoutGaps({
    issuer,
    identity: stable,
    sourceRepositoryOwner: claims.sourceRepositoryOwnerUri,
    sourceRepository: claims.sourceRepositoryUri ?? olderRepository(issuer, claims),
    sourceRepositoryId: claims.sourceRepositoryId,
    workflow: workflow === stable ? undefined : workflow,
  })
}

/** How far two signers are the same: `workflow` where all is but the workflow that signed or the one that began the build. */
export function compareSigners(
  one: RememberedSigner,
  other: RememberedSigner,
): 'same' | 'workflow' | 'different' {
  if ('key' in one || 'key' in other)
    return 'key' in one && 'key' in other && one.key === other.key ? 'same' : 'different'
  const isSameSource =
    one.issuer === other.issuer &&
    sameName(one.sourceRepositoryOwner, other.sourceRepositoryOwner) &&
    sameName(one.sourceRepository, other.sourceRepository) &&
    sameId(one.sourceRepositoryId, other.sourceRepositoryId)
  if (!isSameSource) return 'different'
  if (one.identity === other.identity && one.workflow === other.workflow) return 'same'
  // Without a repository the identity is all that says who it is.
  return one.sourceRepository === undefined ? 'different' : 'workflow'
}

/** `https://github.com/OWNER/NAME/.github/workflows/x.yml@refs/tags/1`, of which the ref changes; an email address stays whole. */
function withoutRef(identity: string): string {
  return /^([a-z][a-z0-9+.-]*:\/\/[^/@]*\/[^@]*)@/i.exec(identity)?.[1] ?? identity
}

/** Certificates from before 2023 have the repository's name alone. */
function olderRepository(
  issuer: string,
  { githubWorkflowRepository }: CertificateClaims,
): string | undefined {
  return githubWorkflowRepository === undefined || issuer !== 'https://token.actions.githubusercontent.com'
    ? undefined
    : `https://github.com/${githubWorkflowRepository}`
}

/** Forges take names without regard to case. */
function sameName(one: string | undefined, other: string | undefined): boolean {
  return one?.toLowerCase() === other?.toLowerCase()
}

/** An older certificate does not say it. */
function sameId(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other
}

type CertificateSigner = Exclude<RememberedSigner, { readonly key: unknown }>

function withoutGaps({ issuer, identity, ...rest }: CertificateSigner): CertificateSigner {
  const said = Object.entries(rest).filter(([, value]) => value !== undefined)
  return { issuer, identity, ...Object.fromEntries(said) }
}
