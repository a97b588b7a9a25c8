import { LadingError, type LadingErrorOptions } from '../errors/index.ts'

/** The error codes of the distribution specification, and the two that it has no word for. */
export type ProtocolErrorCode = keyof typeof usualStatus

/** The HTTP status that a code has unless the thrower says otherwise. */
const usualStatus = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  TAG_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
  /** The fault is the server's: nothing about it is told to the client but the request's id. */
  UNKNOWN: 500,
  /** The disk is full or read-only, or the server is about to stop. */
  UNAVAILABLE: 503,
} as const

/** Options of {@link ProtocolError}. */
export interface ProtocolErrorOptions extends LadingErrorOptions {
  /** Default: what is usual for the code. */
  readonly status?: number | undefined
  /** The `detail` of the error's JSON; where it is an array, the answer has an error for each. */
  readonly detail?: unknown
  /** Headers of the answer: `WWW-Authenticate`, `Retry-After`, `Range`, … */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * A request that is answered with an error in the shape of the distribution specification:
 * `{"errors":[{"code","message","detail"}]}`. The message is shown to whoever sent the request: it holds no
 * path of the machine and no secret.
 */
export class ProtocolError extends LadingError<ProtocolErrorCode> {
  readonly status: number
  readonly detail: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProtocolErrorCode, message: string, options: ProtocolErrorOptions = {}) {
    super(code, message, options)
    this.status = options.status ?? usualStatus[code]
    this.detail = options.detail
    this.headers = options.headers ?? {}
  }
}
