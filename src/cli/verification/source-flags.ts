import type { FlagParametersForType } from '@stricli/core'

/** Where signatures are looked for: flags of `verify`. */
export type SourceFlags = {
  readonly from?: 'registry' | 'github' | 'both' | undefined
  readonly bundleFromOci?: boolean | undefined
  readonly bundle?: string | undefined
  readonly repository?: string | undefined
  readonly offline?: boolean | undefined
}

export const sourceFlags: FlagParametersForType<SourceFlags> = {
  from: {
    kind: 'enum',
    values: ['registry', 'github', 'both'],
    optional: true,
    brief: 'Where to look; without it: where the image is, and with --owner or --repo at GitHub too',
  },
  bundleFromOci: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    hidden: true,
    brief: '--from registry',
  },
  bundle: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'file',
    brief: 'Look at the Sigstore bundles in this file alone: one as JSON, or one on each line',
  },
  repository: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'name',
    brief: "Look in this repository, not in the image's; default: COSIGN_REPOSITORY",
  },
  offline: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'Touch no network but the place that the image is in',
  },
}
