import * as v from 'valibot'
import type { OperationOptions } from '../../../../content/index.ts'
import type { Transport } from '../../../../http/index.ts'
import { SigningServiceError } from '../../errors.ts'
import { askService, refused, type ServiceRequest } from '../../services/ask-service.ts'
import { readAnswer } from '../../services/read-answer.ts'
import { below, serviceUrlProblem } from '../../services/service-url.ts'

/** An issuer of tokens and where it is asked. */
export interface OpenIdIssuer {
  /** What its tokens say in `iss`. */
  readonly name: string
  readonly authorizationEndpoint: URL
  readonly tokenEndpoint: URL
}

const address = v.pipe(v.string(), v.maxLength(2048, 'is too long'))

const configurationSchema = v.object({
  issuer: address,
  authorization_endpoint: address,
  token_endpoint: address,
})

/**
 * Asks an issuer where it is asked (OpenID Connect Discovery 1.0 section 4).
 *
 * @throws {SigningServiceError} it does not say, calls itself something else, or names a place that is not safe.
 */
export async function discoverIssuer(
  issuer: URL,
  transport: Transport,
  { signal }: OperationOptions,
): Promise<OpenIdIssuer> {
  const request: ServiceRequest = {
    transport,
    doing: `log in at ${issuer.host}`,
    method: 'GET',
    url: below(issuer, '/.well-known/openid-configuration'),
    repeatable: true,
    limit: 256 * 1024,
    signal,
  }
  const answer = await askService(request)
  if (answer.status !== 200) throw refused(request, answer)
  const configuration = readAnswer(configurationSchema, request, answer)
  if (withoutSlash(configuration.issuer) !== withoutSlash(issuer.href))
    throw new SigningServiceError(`Cannot ${request.doing}: it calls itself by another name`)
  const [authorizationEndpoint, tokenEndpoint] = [
    configuration.authorization_endpoint,
    configuration.token_endpoint,
  ].map((text) => {
    const problem = serviceUrlProblem(text)
    if (problem !== undefined) throw new SigningServiceError(`Cannot ${request.doing}: ${problem}`)
    return new URL(text)
  })
  if (authorizationEndpoint === undefined || tokenEndpoint === undefined)
    throw new TypeError('There are two endpoints')
  return { name: configuration.issuer, authorizationEndpoint, tokenEndpoint }
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '')
}
