/** `trust:` of `lading.yaml`: who has to have signed the project's images. */
export interface TrustSection {
  readonly default?: 'accept-first-use' | 'require' | undefined
  readonly rules?: RuleSection[] | undefined
}

/** What is asked of the images that a pattern means: `signers` with what else there is, or `unsigned` alone. */
export interface RuleSection {
  readonly images: string | string[]
  readonly signers?: SignerSection[] | SignersSection | undefined
  readonly predicates?: string[] | undefined
  readonly provenance?: ProvenanceSection | undefined
  readonly maxAge?: string | undefined
  readonly search?: 'registry' | 'github' | 'both' | undefined
  readonly unsigned?: 'allow' | undefined
}

/** Several signers: one of the two. */
export interface SignersSection {
  readonly any?: SignerSection[] | undefined
  readonly all?: SignerSection[] | undefined
}

/** One signer: `github`, `identity` or `identityPattern` with `issuer`, or `key`. */
export interface SignerSection {
  readonly github?: GithubSection | undefined
  readonly identity?: string | undefined
  readonly identityPattern?: string | undefined
  readonly issuer?: string | undefined
  readonly key?: string | undefined
  readonly insecureIgnoreTlog?: boolean | undefined
}

/** A workflow of GitHub Actions: `owner` or `repository`. */
export interface GithubSection {
  readonly owner?: string | undefined
  readonly repository?: string | undefined
  readonly workflow?: string | undefined
  readonly ref?: string | undefined
}

/** What has to be known of where an image comes from. */
export interface ProvenanceSection {
  readonly sourceRepository?: string | undefined
  readonly ref?: string | undefined
  readonly workflow?: string | undefined
  readonly builder?: string | undefined
  readonly runner?: 'github-hosted' | undefined
  readonly buildType?: string | undefined
}
