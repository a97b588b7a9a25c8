import type { OutputFlags } from '../output-flags.ts'
import type { TrustFlags } from '../verification/trust-flags.ts'

/** What `lading trust` does. */
export const trustActions = ['show', 'update', 'generate-key'] as const

export type TrustAction = (typeof trustActions)[number]

/** The flags of `lading trust`. */
export type TrustVerbFlags = OutputFlags &
  TrustFlags & {
    readonly github?: boolean | undefined
    readonly mirror?: string | undefined
    readonly root?: string | undefined
    readonly outputKeyPrefix?: string | undefined
    readonly json?: boolean | undefined
  }
