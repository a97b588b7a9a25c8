import { LadingError, type LadingErrorOptions } from '../errors/index.ts'

/** An archive or compressed stream is cut short or not what its format demands. */
export class DamagedArchiveError extends LadingError<'DAMAGED_ARCHIVE'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('DAMAGED_ARCHIVE', message, options)
  }
}

/** An archive passes a bound that guards against hostile input. */
export class ArchiveLimitError extends LadingError<'ARCHIVE_LIMIT'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('ARCHIVE_LIMIT', message, options)
  }
}

/** A stream is compressed in a way that images do not use (xz, bzip2, lz4). */
export class UnsupportedCompressionError extends LadingError<'UNSUPPORTED_COMPRESSION'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('UNSUPPORTED_COMPRESSION', message, options)
  }
}
