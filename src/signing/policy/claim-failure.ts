import type { VerificationCheck } from '../types.ts'

/** What is asked of a signature besides that it is one: its kind, and what its signer is. */
export type ClaimCheck =
  | 'unreadable'
  | 'payload'
  | 'predicate-type'
  | 'signer'
  | 'source-owner'
  | 'source-repository'
  | 'source-ref'
  | 'source-digest'
  | 'runner'
  | 'workflow'
  | 'builder'
  | 'build-type'
  | 'age'

/** The first check that a candidate failed. */
export interface ClaimFailure {
  readonly check: VerificationCheck | ClaimCheck
  /** Ends the sentence "not verified: …". */
  readonly message: string
}
