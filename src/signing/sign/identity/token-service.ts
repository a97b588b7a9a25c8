import * as v from 'valibot'
import type { OperationOptions } from '../../../content/index.ts'
import type { Transport } from '../../../http/index.ts'
import { askService, refused, type ServiceRequest } from '../services/ask-service.ts'
import { readAnswer } from '../services/read-answer.ts'
import { IdentityToken } from './identity-token.ts'

/** Asks a service that gives tokens to jobs. */
export type TokenService = (
  options: OperationOptions & { readonly transport: Transport },
) => Promise<IdentityToken>

const largestAnswer = 128 * 1024

/** A {@link TokenService} that is asked with one request and answers with the token in one field. */
export function tokenService(
  request: Pick<ServiceRequest, 'doing' | 'method' | 'url' | 'headers' | 'body'>,
  field: 'value' | 'token',
): TokenService {
  return async ({ transport, signal }) => {
    const whole: ServiceRequest = { ...request, transport, signal, repeatable: true, limit: largestAnswer }
    const answer = await askService(whole)
    if (answer.status !== 200 && answer.status !== 201) throw refused(whole, answer)
    const fields = readAnswer(v.record(v.string(), v.unknown()), whole, answer)
    const text = fields[field]
    return new IdentityToken(typeof text === 'string' ? text : '')
  }
}
