import { LadingError, type LadingErrorOptions } from '../errors/index.ts'

/**
 * Why no answer could be had.
 *
 * - `dns`: the name is not known, or could not be looked up.
 * - `connect`: nothing listens there, or no way leads there.
 * - `proxy`: the proxy could not be reached or would not connect.
 * - `tls`: the certificate is not trusted, or the two do not agree on how to speak TLS.
 * - `not-tls`: https was tried and the server speaks plain http.
 * - `timeout`: nothing came within the time limit.
 * - `reset`: the connection broke off.
 * - `protocol`: the answer is not HTTP.
 */
export type ConnectionFailure =
  | 'dns'
  | 'connect'
  | 'proxy'
  | 'tls'
  | 'not-tls'
  | 'timeout'
  | 'reset'
  | 'protocol'

/** No answer, or no whole answer, could be had. */
export class HttpConnectionError extends LadingError<'HTTP_CONNECTION'> {
  readonly reason: ConnectionFailure

  constructor(message: string, options: LadingErrorOptions & { readonly reason: ConnectionFailure }) {
    super('HTTP_CONNECTION', message, options)
    this.reason = options.reason
  }
}

/** A request was not made, or a redirect not followed, because it is not safe. */
export class HttpRefusedError extends LadingError<'HTTP_REFUSED'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('HTTP_REFUSED', message, options)
  }
}

/** An answer's body is longer than it may be. */
export class HttpBodyTooLargeError extends LadingError<'HTTP_BODY_TOO_LARGE'> {
  /** Bytes. */
  readonly limit: number

  constructor(message: string, options: LadingErrorOptions & { readonly limit: number }) {
    super('HTTP_BODY_TOO_LARGE', message, options)
    this.limit = options.limit
  }
}
