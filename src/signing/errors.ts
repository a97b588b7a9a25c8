import { LadingError, type LadingErrorOptions } from '../errors/index.ts'
import type { VerificationFailure } from './types.ts'

/** The answer is no: a signature was looked at and does not show what was asked. Exit code 1. */
export class NotVerifiedError extends LadingError<'NOT_VERIFIED'> {
  readonly failure: VerificationFailure

  constructor(failure: VerificationFailure, options?: LadingErrorOptions) {
    super('NOT_VERIFIED', `Not verified: ${failure.message}`, options)
    this.failure = failure
  }
}

/** A trust root that cannot be believed as it stands: unreadable, too large, or lacking what it must say. */
export class InvalidTrustRootError extends LadingError<'INVALID_TRUST_ROOT'> {
  constructor(name: string, reason: string, options?: LadingErrorOptions) {
    super('INVALID_TRUST_ROOT', `Cannot use the trust root ${name}: ${reason}`, options)
  }
}
