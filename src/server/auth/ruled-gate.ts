import { hash } from 'node:crypto'
import { ProtocolError } from '../protocol-error.ts'
import type { Authenticator } from './authenticator.ts'
import { type ChallengeError, unauthorized } from './challenge.ts'
import { type Decision, wantedTexts } from './decision.ts'
import { ExpiringMap } from './expiring-map.ts'
import type { Credentials, Identity, Wanted } from './gate.ts'
import { grantScopes } from './grant-scopes.ts'
import { identityOf, isTokenIdentity, type TokenIdentity, tokenIdentityOf } from './identity.ts'
import type { OwnTokens } from './own-tokens.ts'
import { type Authorization, basicAuthorization, parseAuthorization } from './parse-authorization.ts'
import type { Permissions } from './permissions.ts'
import { scopeText } from './scope.ts'
import type { ServerGate } from './server-gate.ts'
import type { AddressFor } from './service-address.ts'
import { type Subject, subjectName } from './subject.ts'

/** What a {@link createRuledGate | gate with rules} is made of. */
export interface GateParts {
  readonly authenticator: Authenticator
  readonly permissions: Permissions
  readonly tokens: OwnTokens
  readonly addressFor: AddressFor
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onDecision?: ((decision: Decision) => void) | undefined
}

/** Makes the gate of a registry that asks who somebody is. */
export function createRuledGate(parts: GateParts): ServerGate {
  const { authenticator, permissions, tokens, addressFor, now, onDecision } = parts
  const tokenIdentities = new ExpiringMap<TokenIdentity>(maxTokenIdentities, now)

  /** Who has a token of this registry. Verified once; that a user is still known is asked each time. */
  async function tokenIdentity(token: string, service: string): Promise<Identity | undefined> {
    const key = hash('sha256', `${service} ${token}`, 'base64')
    let identity = tokenIdentities.get(key)
    if (identity === undefined) {
      const verified = await tokens.verify(token, service)
      if (verified === undefined) return undefined
      identity = tokenIdentityOf(verified.subject, verified.scopes, permissions)
      tokenIdentities.set(key, identity, verified.expiresAt)
    }
    return (await authenticator.isStillKnown(identity.subject)) ? identity : undefined
  }

  /** Everybody may read the catalogue: it names what they may pull. */
  function mayAll(subject: Subject, wanted: readonly Wanted[]): boolean {
    return wanted.every(
      ({ action, repository }) => repository === undefined || permissions.may(subject, action, repository),
    )
  }

  function wrongCredentials(
    { headers, remoteAddress, wanted = [] }: Credentials,
    shown: Authorization,
  ): ProtocolError {
    onDecision?.({ kind: 'wrong-credentials', client: remoteAddress, wanted: wantedTexts(wanted) })
    return shown.scheme === 'basic'
      ? unauthorized('the user or the password is wrong', addressFor(headers), wanted)
      : unauthorized('these credentials are not good here', addressFor(headers), wanted, 'invalid_token')
  }

  return {
    isOpen: false,

    async identify(credentials, { signal } = {}) {
      signal?.throwIfAborted()
      const { headers, remoteAddress } = credentials
      const shown = parseAuthorization(headers.authorization)
      if (shown.scheme === 'bearer' && !authenticator.isOfOutsideIssuer(shown.token)) {
        const identity = await tokenIdentity(shown.token, addressFor(headers).service)
        if (identity === undefined) throw wrongCredentials(credentials, shown)
        return identity
      }
      const subject = await authenticator.subjectOf(shown, remoteAddress, { signal })
      if (subject === undefined) throw wrongCredentials(credentials, shown)
      return identityOf(subject, permissions)
    },

    refusal({ headers, remoteAddress }, identity, wanted) {
      const { name, by } = identity
      const texts = wantedTexts(wanted)
      onDecision?.({ kind: 'refused', client: remoteAddress, user: name, by, wanted: texts })
      const challenge = (message: string, error?: ChallengeError): ProtocolError =>
        unauthorized(message, addressFor(headers), wanted, error)
      if (by === 'anonymous') return challenge('not without a login')
      if (isTokenIdentity(identity)) {
        const { subject } = identity
        if (mayAll(subject, wanted)) return challenge('the token is not good for this', 'insufficient_scope')
        if (subject.kind === 'anonymous') return challenge('not without a login', 'insufficient_scope')
      }
      return new ProtocolError('DENIED', `not allowed: ${texts.join(', ')}`)
    },

    challengeForMore({ headers }, identity, wanted) {
      if (!isTokenIdentity(identity) || wanted.every((each) => identity.isGoodFor(each))) return undefined
      if (!mayAll(identity.subject, wanted)) return undefined
      return unauthorized('the token is not good for this', addressFor(headers), wanted, 'insufficient_scope')
    },

    async grant(request, { signal } = {}) {
      const { headers, remoteAddress, service, scopes, login } = request
      const address = addressFor(headers)
      if (service !== undefined && service.toLowerCase() !== address.service) {
        throw new ProtocolError('UNSUPPORTED', 'the service is not this registry', { status: 400 })
      }
      const shown =
        login === undefined
          ? parseAuthorization(headers.authorization)
          : basicAuthorization(login.user, login.password)
      const subject = await authenticator.subjectOf(shown, remoteAddress, { signal })
      if (subject === undefined) {
        onDecision?.({ kind: 'wrong-credentials', client: remoteAddress, wanted: [] })
        throw askForPassword(address.service)
      }
      const granted = grantScopes(scopes, subject, permissions)
      const issued = await tokens.issue(subject, granted, address.service)
      const name = subjectName(subject)
      onDecision?.({ kind: 'token', client: remoteAddress, user: name, scopes: granted.map(scopeText) })
      return { issued, name }
    },

    close: () => authenticator.close(),
  }
}

const maxTokenIdentities = 10_000

function askForPassword(service: string): ProtocolError {
  return new ProtocolError('UNAUTHORIZED', 'the user or the password is wrong', {
    headers: { 'WWW-Authenticate': `Basic realm="${service}",charset="UTF-8"` },
  })
}
