import { LadingError, type LadingErrorOptions } from './lading-error.ts'

/** What was asked makes no sense as it stands: a wrong name, flag or value. Exit code 2. */
export class UsageError extends LadingError<'USAGE'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('USAGE', message, options)
  }
}
