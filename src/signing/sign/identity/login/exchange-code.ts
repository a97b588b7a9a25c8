import * as v from 'valibot'
import type { Transport } from '../../../../http/index.ts'
import { askService, refused, type ServiceRequest } from '../../services/ask-service.ts'
import { readAnswer } from '../../services/read-answer.ts'
import { IdentityToken } from '../identity-token.ts'
import type { OpenIdIssuer } from './discover-issuer.ts'

const answerSchema = v.object({ id_token: v.string() })

/**
 * Gives the code of a login for its token (OpenID Connect Core 1.0 section 3.1.3, RFC 7636 section 4.5); once, since a
 * code that is used twice is a stolen one.
 *
 * @throws {SigningServiceError} the issuer refuses. {@link IdentityTokenError} it gives no token.
 */
export async function exchangeCode({
  issuer,
  clientId,
  redirectUri,
  code,
  verifier,
  transport,
  signal,
}: {
  readonly issuer: OpenIdIssuer
  readonly clientId: string
  readonly redirectUri: string
  readonly code: string
  readonly verifier: string
  readonly transport: Transport
  readonly signal: AbortSignal
}): Promise<IdentityToken> {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    client_id: clientId,
    code_verifier: verifier,
  })
  const request: ServiceRequest = {
    transport,
    doing: `log in at ${issuer.tokenEndpoint.host}`,
    method: 'POST',
    url: issuer.tokenEndpoint,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: Buffer.from(form.toString()),
    repeatable: false,
    limit: 128 * 1024,
    signal,
  }
  const answer = await askService(request)
  if (answer.status !== 200) throw refused(request, answer)
  return new IdentityToken(readAnswer(answerSchema, request, answer).id_token)
}
