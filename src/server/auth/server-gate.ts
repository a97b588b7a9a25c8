import type { OperationOptions } from '../../content/index.ts'
import type { Credentials, Gate } from './gate.ts'
import type { IssuedToken } from './own-tokens.ts'

/** A gate that also gives tokens, and has threads and connections to let go of. */
export interface ServerGate extends Gate {
  /**
   * Gives a token that is good for what of the scopes the rules allow, which may be nothing; and the name of whom it is
   * for, as logs have it.
   *
   * @throws {ProtocolError} UNAUTHORIZED for wrong credentials, UNSUPPORTED for what cannot be asked (400) and where the
   * gate is open (404), TOOMANYREQUESTS and UNAVAILABLE as {@link Gate.identify}.
   */
  grant(
    request: TokenRequest,
    options?: OperationOptions,
  ): Promise<{ readonly issued: IssuedToken; readonly name: string | undefined }>
  close(): Promise<void>
}

/** What somebody asks of the token endpoint. */
export interface TokenRequest extends Credentials {
  /** The host that the token shall be for, if it was said. */
  readonly service: string | undefined
  /** As they came: each may hold several scopes with spaces between them. */
  readonly scopes: readonly string[]
  /** A name and a password that were sent in a form, which stand in the place of the header's. */
  readonly login?: { readonly user: string; readonly password: string } | undefined
}
