import { LadingError, type LadingErrorOptions } from '../../errors/index.ts'

/** A private key that cannot be used: not readable, wrong password, a kind of key that nobody verifies. */
export class SigningKeyError extends LadingError<'SIGNING_KEY'> {
  constructor(name: string, reason: string, options?: LadingErrorOptions) {
    super('SIGNING_KEY', `Cannot sign with ${name}: ${reason}`, options)
  }
}
