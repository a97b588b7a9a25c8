import { LadingError, type LadingErrorOptions } from '../../errors/index.ts'

/** A private key that cannot be used: not readable, wrong password, a kind of key that nobody verifies. */
export class SigningKeyError extends LadingError<'SIGNING_KEY'> {
  constructor(name: string, reason: string, options?: LadingErrorOptions) {
    super('SIGNING_KEY', `Cannot sign with ${name}: ${reason}`, options)
  }
}

/** A service that signing needs (authority, log, time-stamping authority, issuer) gave no answer that can be used. */
export class SigningServiceError extends LadingError<'SIGNING_SERVICE'> {
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined

  constructor(message: string, options: LadingErrorOptions & { readonly status?: number | undefined } = {}) {
    super('SIGNING_SERVICE', message, options)
    this.status = options.status
  }
}

/** There is no token that says who signs, or it cannot be used. */
export class IdentityTokenError extends LadingError<'IDENTITY_TOKEN'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('IDENTITY_TOKEN', message, options)
  }
}

/** A signing config that cannot be used as it stands. */
export class InvalidSigningConfigError extends LadingError<'INVALID_SIGNING_CONFIG'> {
  constructor(name: string, reason: string, options?: LadingErrorOptions) {
    super('INVALID_SIGNING_CONFIG', `Cannot use the signing config ${name}: ${reason}`, options)
  }
}
