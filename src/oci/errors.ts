import { LadingError, type LadingErrorOptions } from '../errors/index.ts'

/** A text is not a digest. */
export class InvalidDigestError extends LadingError<'INVALID_DIGEST'> {
  /** What is wrong, as a part of a sentence. */
  readonly problem: string

  constructor(text: string, problem: string) {
    super('INVALID_DIGEST', `Cannot read digest ${quote(text)}: ${problem}`, {
      hint: 'A digest reads like sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.',
    })
    this.problem = problem
  }
}

/** A text is not an image reference. */
export class InvalidReferenceError extends LadingError<'INVALID_REFERENCE'> {
  constructor(text: string, problem: string, hint?: string) {
    super('INVALID_REFERENCE', `Cannot read image reference ${quote(text)}: ${problem}`, { hint })
  }
}

/** A text is not a platform. */
export class InvalidPlatformError extends LadingError<'INVALID_PLATFORM'> {
  constructor(text: string, problem: string) {
    super('INVALID_PLATFORM', `Cannot read platform ${quote(text)}: ${problem}`, {
      hint: 'A platform reads os/architecture[/variant], like linux/amd64 or linux/arm/v7.',
    })
  }
}

/** A JSON document (manifest, index, config, descriptor) is not what its specification says. */
export class InvalidDocumentError extends LadingError<'INVALID_DOCUMENT'> {
  /** Where in the document, as a path like `layers[2].digest`; empty for the document itself. */
  readonly field: string

  constructor(document: string, field: string, problem: string, options?: LadingErrorOptions) {
    super(
      'INVALID_DOCUMENT',
      `Cannot read ${document}: ${field === '' ? '' : `${field}: `}${problem}`,
      options,
    )
    this.field = field
  }
}

/** A document is of a kind that Lading knows and does not read: schema 1, the withdrawn artifact manifest. */
export class UnsupportedDocumentError extends LadingError<'UNSUPPORTED_DOCUMENT'> {
  constructor(document: string, problem: string, options?: LadingErrorOptions) {
    super('UNSUPPORTED_DOCUMENT', `Cannot read ${document}: ${problem}`, options)
  }
}

/** An index holds no image for a platform. */
export class PlatformNotFoundError extends LadingError<'PLATFORM_NOT_FOUND'> {
  /**
   * @param subject what was looked in, as a person reads it: `python:3.12`
   * @param wanted the platform's text
   * @param available the texts of those there are, for the hint
   */
  constructor(subject: string, wanted: string, available: readonly string[]) {
    super('PLATFORM_NOT_FOUND', `Cannot choose from ${subject}: it has no image for ${wanted}`, {
      hint:
        available.length === 0
          ? 'It holds no images for any platform.'
          : `It has ${[...new Set(available)].join(', ')}.`,
    })
  }
}

/** Text from outside as it may stand in a message: quoted, control characters escaped, cut at 200 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
