/**
 * What ends an exchange from this side of the wire.
 *
 * - `CONNECT_TIMEOUT`: no connection stood in time.
 * - `HEADERS_TIMEOUT`: nothing of an answer came in time.
 * - `BODY_TIMEOUT`: an answer's body stopped coming.
 * - `BODY_LENGTH`: the body to send is not as long as it was said to be.
 * - `INCOMPLETE`: the connection ended before the answer did.
 * - `CLOSED`: the transport was closed.
 */
export type WireErrorCode =
  | 'CONNECT_TIMEOUT'
  | 'HEADERS_TIMEOUT'
  | 'BODY_TIMEOUT'
  | 'BODY_LENGTH'
  | 'INCOMPLETE'
  | 'CLOSED'

/** Stands beside Node's own errors of sockets and is explained with them (connection-error.ts); no caller sees it bare. */
export class WireError extends Error {
  readonly code: WireErrorCode

  constructor(code: WireErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
