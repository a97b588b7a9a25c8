import type { FlagParametersForType } from '@stricli/core'
import { signerFlags, type SignerFlags } from './signer-flags.ts'

/** Flags that say what an image's signatures have to show. */
export type CriteriaFlags = SignerFlags & {
  readonly owner?: string | undefined
  readonly repo?: string | undefined
  readonly signerRepo?: string | undefined
  readonly signerWorkflow?: string | undefined
  readonly sourceRef?: string | undefined
  readonly sourceDigest?: string | undefined
  readonly denySelfHostedRunners?: boolean | undefined
  readonly type?: string | undefined
  readonly predicateType?: string | undefined
}

export const criteriaFlags: FlagParametersForType<CriteriaFlags> = {
  owner: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'name',
    brief: 'Built by GitHub Actions from a repository of this user or organization',
  },
  repo: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'owner/name',
    brief: 'Built by GitHub Actions from this repository',
  },
  signerWorkflow: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'path',
    brief: 'With --owner or --repo: by this workflow, OWNER/NAME/.github/workflows/FILE[@REF]',
  },
  signerRepo: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'owner/name',
    brief: 'With --owner or --repo: by a workflow of this repository, as reusable ones are',
  },
  sourceRef: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'ref',
    brief: 'With --owner or --repo: from this ref, refs/tags/v1',
  },
  sourceDigest: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'commit',
    brief: 'With --owner or --repo: from this commit',
  },
  denySelfHostedRunners: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'With --owner or --repo: on a runner that GitHub hosts',
  },
  ...signerFlags,
  type: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'type',
    brief: 'An attestation with this predicate type: a URI, or slsaprovenance1, spdx, cyclonedx, vuln …',
  },
  // gh's name.
  predicateType: { kind: 'parsed', parse: String, optional: true, hidden: true, brief: '--type' },
}
