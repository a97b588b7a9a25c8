import { LadingError, type LadingErrorOptions } from '../../errors/index.ts'

/** What was configured about who may do what cannot be used: a server with it must not start. */
export class AccessConfigurationError extends LadingError<'ACCESS_CONFIGURATION'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('ACCESS_CONFIGURATION', message, options)
  }
}
