import type { Platform } from '../../oci/index.ts'
import type { OutputFlags } from '../output-flags.ts'
import type { PlaceFlags } from '../place-flags.ts'
import type { CriteriaFlags } from './criteria-flags.ts'
import type { SourceFlags } from './source-flags.ts'
import type { TrustFlags } from './trust-flags.ts'

/** Flags of `verify`. */
export type VerifyFlags = OutputFlags &
  PlaceFlags &
  CriteriaFlags &
  SourceFlags &
  TrustFlags & {
    readonly policy?: string | undefined
    readonly as?: string | undefined
    readonly saveBundles?: string | undefined
    readonly platform?: Platform | undefined
    readonly quiet?: boolean | undefined
    readonly json?: boolean | undefined
  }
