import { LadingError, type LadingErrorOptions } from '../../errors/index.ts'

/** A file with credentials, or a credential helper, cannot be used. Never says what is in it. */
export class CredentialsError extends LadingError<'CREDENTIALS'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('CREDENTIALS', message, options)
  }
}
