import { LadingError, type LadingErrorOptions } from '../errors/index.ts'

/** A text does not name a place that Lading knows. */
export class InvalidLocationError extends LadingError<'INVALID_LOCATION'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('INVALID_LOCATION', message, options)
  }
}
