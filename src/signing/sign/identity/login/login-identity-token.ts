import { createHash, randomBytes } from 'node:crypto'
import type { OperationOptions } from '../../../../content/index.ts'
import type { Transport } from '../../../../http/index.ts'
import { IdentityTokenError } from '../../errors.ts'
import type { IdentityToken } from '../identity-token.ts'
import { discoverIssuer, type OpenIdIssuer } from './discover-issuer.ts'
import { exchangeCode } from './exchange-code.ts'
import { listenForRedirect } from './redirect-listener.ts'

/** Options of {@link loginIdentityToken}. */
export interface LoginOptions extends OperationOptions {
  /** As `https://oauth2.sigstore.dev/auth`. */
  readonly issuer: URL
  readonly transport: Transport
  /** Shows a person the page to log in at: prints its address, and opens a browser where there is one. */
  readonly show: (page: URL) => void | Promise<void>
  /** What the issuer knows this program by; default `sigstore`. */
  readonly clientId?: string | undefined
  /** How long the person may take; milliseconds, default three minutes. */
  readonly timeLimit?: number | undefined
}

/**
 * Lets a person log in with a browser on this machine: the authorization code flow of OpenID Connect with PKCE (RFC 7636),
 * whose answer comes to a port of 127.0.0.1 that is open for it alone (RFC 8252 section 7.3).
 *
 * @throws {IdentityTokenError} nobody logged in in time, the issuer refused, or the token answers another login.
 * @throws {SigningServiceError} the issuer cannot be asked.
 */
export async function loginIdentityToken(options: LoginOptions): Promise<IdentityToken> {
  const { transport, show, clientId = 'sigstore', timeLimit = 180_000 } = options
  options.signal?.throwIfAborted()
  const issuer = await discoverIssuer(options.issuer, transport, options)
  const limit = AbortSignal.timeout(timeLimit)
  const signal = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit])
  const [state, nonce, verifier] = [randomText(), randomText(), randomText()]
  try {
    await using listener = await listenForRedirect(state, { signal })
    const { redirectUri } = listener
    await show(loginPage(issuer, { clientId, redirectUri, state, nonce, verifier }))
    const code = await listener.code
    const token = await exchangeCode({ issuer, clientId, redirectUri, code, verifier, transport, signal })
    return checkToken(token, issuer, nonce)
  } catch (error) {
    options.signal?.throwIfAborted()
    if (limit.aborted)
      throw new IdentityTokenError(
        `Cannot log in at ${options.issuer.host}: nobody did within ${timeLimit / 1000} seconds`,
        { cause: error },
      )
    throw error
  }
}

interface LoginRequest {
  readonly clientId: string
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

function loginPage(issuer: OpenIdIssuer, request: LoginRequest): URL {
  const page = new URL(issuer.authorizationEndpoint)
  const parameters = {
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    scope: 'openid email',
    state: request.state,
    nonce: request.nonce,
    code_challenge: createHash('sha256').update(request.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) page.searchParams.set(name, value)
  return page
}

function checkToken(token: IdentityToken, issuer: OpenIdIssuer, nonce: string): IdentityToken {
  if (token.nonce === nonce && token.issuer === issuer.name) return token
  throw new IdentityTokenError(`Cannot log in at ${issuer.name}: the token answers another login`)
}

/** 256 bits, as a verifier of PKCE needs (RFC 7636 section 4.1). */
function randomText(): string {
  return randomBytes(32).toString('base64url')
}
