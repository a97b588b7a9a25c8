import type { FlagParametersForType } from '@stricli/core'

/** Flags that say which trust roots are believed. */
export type TrustFlags = {
  readonly trustedRoot?: readonly string[] | undefined
  readonly customTrustedRoot?: string | undefined
}

export const trustFlags: FlagParametersForType<TrustFlags> = {
  trustedRoot: {
    kind: 'parsed',
    parse: String,
    optional: true,
    variadic: true,
    placeholder: 'file',
    brief: "Trust these roots (JSON, or one on each line), not Sigstore's public ones",
  },
  // gh's name.
  customTrustedRoot: { kind: 'parsed', parse: String, optional: true, hidden: true, brief: '--trusted-root' },
}
