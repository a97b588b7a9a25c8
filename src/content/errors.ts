import { LadingError, type LadingErrorOptions } from '../errors/index.ts'

/** A name or content is not at the place that was asked. */
export class NotFoundError extends LadingError<'NOT_FOUND'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('NOT_FOUND', message, options)
  }
}

/** The place wants (other) credentials, or they do not suffice. */
export class AccessRefusedError extends LadingError<'UNAUTHORIZED' | 'DENIED'> {}

/** The place asks to come back later, and patience ran out. */
export class RateLimitedError extends LadingError<'RATE_LIMITED'> {
  /** How long the place asked to wait, where it said so; seconds. */
  readonly retryAfter: number | undefined

  constructor(
    message: string,
    options: LadingErrorOptions & { readonly retryAfter?: number | undefined } = {},
  ) {
    super('RATE_LIMITED', message, options)
    this.retryAfter = options.retryAfter
  }
}

/** Content is not what its descriptor says, or not what its format demands. */
export class DamagedContentError extends LadingError<'DAMAGED'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('DAMAGED', message, options)
  }
}

/** The place could not be reached, broke off, or answered with an error of its own. */
export class UnavailableError extends LadingError<'UNAVAILABLE'> {
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined

  constructor(message: string, options: LadingErrorOptions & { readonly status?: number | undefined } = {}) {
    super('UNAVAILABLE', message, options)
    this.status = options.status
  }
}

/** The place cannot do what was asked (no deletes, no such kind of manifest …). */
export class UnsupportedError extends LadingError<'UNSUPPORTED'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('UNSUPPORTED', message, options)
  }
}

/** The place takes no index of which it does not have every entry. */
export class SparseIndexRefusedError extends UnsupportedError {}

/** A bound that guards against hostile input was reached. */
export class LimitExceededError extends LadingError<'LIMIT_EXCEEDED'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('LIMIT_EXCEEDED', message, options)
  }
}
