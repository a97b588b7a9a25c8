import type { OutputFlags } from '../output-flags.ts'
import type { SignerFlags } from './signer-flags.ts'
import type { TrustFlags } from './trust-flags.ts'

/** Flags of `verify-blob`. */
export type VerifyBlobFlags = OutputFlags &
  SignerFlags &
  TrustFlags & {
    readonly bundle: string
    readonly quiet?: boolean | undefined
    readonly json?: boolean | undefined
  }
