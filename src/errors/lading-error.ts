/** What every {@link LadingError} may carry besides its message. */
export interface LadingErrorOptions {
  /** One line that says what to try. */
  readonly hint?: string | undefined
  /** The error underneath. */
  readonly cause?: unknown
}

/**
 * The root of every error that Lading throws on purpose.
 *
 * `code` is a literal that programs may switch on; `message` reads "Cannot do X: reason";
 * `hint`, where there is one, says what to try. Messages never hold secrets: whoever formats a URL
 * or a header uses {@link redactUrl}.
 */
export class LadingError<Code extends string = string> extends Error {
  readonly code: Code
  readonly hint: string | undefined

  constructor(code: Code, message: string, options: LadingErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.hint = options.hint
  }
}
