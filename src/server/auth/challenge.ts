import { ProtocolError } from '../protocol-error.ts'
import type { Wanted } from './gate.ts'
import type { ServiceAddress } from './service-address.ts'
import { scopesOf } from './scope.ts'

/** Why credentials do not do, in the words of RFC 6750 section 3.1. */
export type ChallengeError = 'invalid_token' | 'insufficient_scope'

/**
 * The answer to who has to say who they are: 401 with a `WWW-Authenticate` that names where tokens are to be had, and
 * the scopes of what was wanted where that is known.
 */
export function unauthorized(
  message: string,
  address: ServiceAddress,
  wanted: readonly Wanted[],
  error?: ChallengeError,
): ProtocolError {
  const parameters = [
    `realm="${address.realm}"`,
    `service="${address.service}"`,
    ...(wanted.length > 0 ? [`scope="${scopesOf(wanted)}"`] : []),
    ...(error === undefined ? [] : [`error="${error}"`]),
  ]
  return new ProtocolError('UNAUTHORIZED', message, {
    headers: { 'WWW-Authenticate': `Bearer ${parameters.join(',')}` },
  })
}
