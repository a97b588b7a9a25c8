import { LadingError, type LadingErrorOptions } from '../errors/index.ts'
import type { VerificationCheck, VerificationFailure } from './types.ts'

/** The answer is no: a signature was looked at and does not show what was asked. Exit code 1. */
export class NotVerifiedError extends LadingError<'NOT_VERIFIED'> {
  readonly failure: VerificationFailure

  constructor(failure: VerificationFailure, options?: LadingErrorOptions) {
    super('NOT_VERIFIED', `Not verified: ${failure.message}`, options)
    this.failure = failure
  }
}

/** A {@link NotVerifiedError} of the check that failed. */
export function notVerified(check: VerificationCheck, message: string, cause?: unknown): NotVerifiedError {
  return new NotVerifiedError({ check, message }, { cause })
}

/** It could not be told: the signature is over bytes, and only their digest is known. */
export class ArtifactBytesNeededError extends LadingError<'ARTIFACT_BYTES_NEEDED'> {
  constructor() {
    super(
      'ARTIFACT_BYTES_NEEDED',
      'Cannot verify by digest alone: an Ed25519 signature is over the bytes themselves',
      { hint: 'Name the file instead of its digest.' },
    )
  }
}

/** A trust root that cannot be believed as it stands: unreadable, too large, or lacking what it must say. */
export class InvalidTrustRootError extends LadingError<'INVALID_TRUST_ROOT'> {
  constructor(name: string, reason: string, options?: LadingErrorOptions) {
    super('INVALID_TRUST_ROOT', `Cannot use the trust root ${name}: ${reason}`, options)
  }
}

/** A pattern of a trust rule that can mean no image, or may be meant in two ways. */
export class InvalidImagePatternError extends LadingError<'INVALID_IMAGE_PATTERN'> {
  /** The reason alone: ends a sentence. */
  readonly problem: string

  constructor(text: string, problem: string, hint?: string) {
    super('INVALID_IMAGE_PATTERN', `Cannot take ${JSON.stringify(text)} as a pattern of images: ${problem}`, {
      hint,
    })
    this.problem = problem
  }
}
