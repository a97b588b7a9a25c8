import type { FlagParametersForType } from '@stricli/core'
import type { OutputFlags } from '../output-flags.ts'
import type { PlaceFlags } from '../place-flags.ts'
import { type TrustFlags, trustFlags } from '../verification/trust-flags.ts'

/** Flags of `sign` and `attest`: who signs, who witnesses it, and where it goes. */
export type SigningFlags = OutputFlags &
  PlaceFlags &
  TrustFlags & {
    readonly key?: string | undefined
    readonly identityToken?: string | undefined
    readonly yes?: boolean | undefined
    readonly noLog?: boolean | undefined
    readonly tlogUpload?: boolean | undefined
    readonly signingConfig?: string | undefined
    readonly fulcioUrl?: string | undefined
    readonly rekorUrl?: string | undefined
    readonly timestampUrl?: readonly string[] | undefined
    readonly oidcIssuer?: string | undefined
    readonly source?: string | undefined
    readonly repository?: string | undefined
    readonly to?: 'registry' | 'github' | undefined
    readonly format?: 'bundle' | 'cosign-v2' | undefined
    readonly bundleOut?: string | undefined
    readonly quiet?: boolean | undefined
    readonly json?: boolean | undefined
  }

/** The flags that are {@link SigningFlags} and nobody else's. */
type OwnFlags = Omit<SigningFlags, keyof OutputFlags | keyof PlaceFlags | 'json'>

const text = { kind: 'parsed', parse: String, optional: true } as const
const yesOrNo = { kind: 'boolean', optional: true, withNegated: false } as const

export const signingFlags: FlagParametersForType<OwnFlags> = {
  key: { ...text, placeholder: 'file', brief: 'Sign with this private key (PEM), not with an identity' },
  identityToken: {
    ...text,
    placeholder: 'file',
    brief: "Sign as the identity in this token's file (- for standard input), not as the job or by a login",
  },
  yes: { ...yesOrNo, brief: 'Do not ask whether the identity may be published' },
  noLog: { ...yesOrNo, brief: 'Show the signature to no transparency log' },
  // cosign's name: --tlog-upload=false
  tlogUpload: { ...yesOrNo, hidden: true, brief: '--no-log' },
  signingConfig: {
    ...text,
    placeholder: 'file',
    brief: "Use the services of this signing config, not Sigstore's public ones",
  },
  fulcioUrl: { ...text, placeholder: 'url', brief: 'Get the certificate from this authority' },
  rekorUrl: { ...text, placeholder: 'url', brief: 'Show the signature to this transparency log (Rekor v1)' },
  timestampUrl: {
    ...text,
    variadic: true,
    placeholder: 'url',
    brief: 'Get a timestamp from this authority (RFC 3161)',
  },
  oidcIssuer: { ...text, placeholder: 'url', brief: 'Log in at this issuer' },
  source: {
    ...text,
    placeholder: 'image',
    brief: 'Read the manifest here, where the image is not pushed yet: oci:DIR, oci-archive:FILE …',
  },
  repository: {
    ...text,
    placeholder: 'name',
    brief: "Store in this repository, not in the image's; default: COSIGN_REPOSITORY",
  },
  to: {
    kind: 'enum',
    values: ['registry', 'github'],
    optional: true,
    brief: "Store in the registry, or in GitHub's store of attestations, which leaves nothing there",
  },
  format: {
    kind: 'enum',
    values: ['bundle', 'cosign-v2'],
    optional: true,
    brief: "A Sigstore bundle that refers to the image, or cosign's older tags .sig and .att",
  },
  bundleOut: {
    ...text,
    placeholder: 'file',
    brief: 'Write the bundle to this file (-), and store it nowhere',
  },
  ...trustFlags,
  quiet: { ...yesOrNo, brief: 'Print where it is stored, one digest a line, and nothing else' },
}

export const signingAliases = { q: 'quiet', y: 'yes' } as const
