import type { SignerPolicy, TextCondition } from '../types.ts'
import type { GithubCriteria } from './github-criteria.ts'
import type { ImagePattern } from './image-pattern.ts'

/** Whom a project trusts to have made its images: `trust:` of `lading.yaml`. */
export interface TrustRules {
  /** What to do with an image that no rule is for, where images are locked; verification always says no to it. */
  readonly default: 'accept-first-use' | 'require'
  readonly rules: readonly TrustRule[]
}

/** What is asked of the images that its patterns mean. */
export type TrustRule = SignedRule | UnsignedRule

/** The images may be unsigned, and nothing is looked at. */
export interface UnsignedRule {
  readonly kind: 'unsigned'
  readonly images: readonly ImagePattern[]
}

/** The images have to be signed. */
export interface SignedRule {
  readonly kind: 'signed'
  readonly images: readonly ImagePattern[]
  /** At least one. `any`: one of them has to have signed; `all`: each of them, perhaps by an attestation of its own. */
  readonly signers: { readonly need: 'any' | 'all'; readonly of: readonly AcceptedSigner[] }
  /** Predicate types that all have to be there; none: a signature or provenance. */
  readonly predicateTypes: readonly string[]
  /** What the provenance has to say. */
  readonly provenance?: ProvenanceConditions | undefined
  /** How old a signature may be, in seconds of proved time. */
  readonly maxAge?: number | undefined
  /** Where signatures are looked for; default: where the image is, and for images of ghcr.io at GitHub too. */
  readonly search?: 'registry' | 'github' | 'both' | undefined
}

/** One who may have signed. */
export interface AcceptedSigner {
  /** As people read it: `GitHub astral-sh/uv`, `me@example.com`, `the key cosign.pub`. */
  readonly name: string
  readonly policy: Exclude<SignerPolicy, { readonly kind: 'unsafeAnyIdentity' }>
  /** What the signer's workflow has to be besides. */
  readonly github?: GithubCriteria | undefined
}

/**
 * What has to be known of where an image comes from, by the certificate, by the SLSA provenance, or by both, which then have to
 * agree. What neither says fulfils nothing.
 */
export interface ProvenanceConditions {
  /** The source's URL without `.git`: `https://github.com/astral-sh/uv`. At GitHub compared without case. */
  readonly sourceRepository?: string | undefined
  /** `refs/tags/*`. */
  readonly ref?: TextCondition | undefined
  /** The workflow that the build began with, by its path in the source: `.github/workflows/release.yml`. */
  readonly workflow?: string | undefined
  /** The predicate's `builder.id`. */
  readonly builder?: TextCondition | undefined
  readonly runner?: 'github-hosted' | undefined
  /** The predicate's `buildType`. */
  readonly buildType?: string | undefined
}
