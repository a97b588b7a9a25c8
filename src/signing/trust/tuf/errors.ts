import { LadingError, type LadingErrorOptions } from '../../../errors/index.ts'

/** A trust root could not be refreshed, or what was kept of it cannot be believed. */
export class TrustUpdateError extends LadingError<'TRUST_UPDATE'> {
  /** The reason alone: ends a sentence. */
  readonly problem: string

  constructor(mirror: string, problem: string, options?: LadingErrorOptions) {
    super('TRUST_UPDATE', `Cannot refresh the trust root of ${mirror}: ${problem}`, options)
    this.problem = problem
  }
}
