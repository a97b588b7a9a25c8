import { hash } from 'node:crypto'
import type { OperationOptions } from '../../content/index.ts'
import { ExpiringMap } from './expiring-map.ts'
import type { Authorization } from './parse-authorization.ts'
import type { PasswordChecker } from './password-checker.ts'
import { anonymous, type Subject } from './subject.ts'
import type { WorkloadTokens } from './workload-tokens.ts'

/** Tells who somebody is by what they brought from elsewhere: a password, a workload's token. */
export interface Authenticator {
  /**
   * Who shows this; nobody in particular who shows nothing, undefined who shows something wrong. A workload's token is
   * taken as Bearer, and with any user's name as the password of Basic, which is what `docker login` can send.
   *
   * @throws {ProtocolError} when it could not be told.
   */
  subjectOf(shown: Authorization, client: string, options?: OperationOptions): Promise<Subject | undefined>
  /** Whether a token says that it is of an outside issuer. */
  isOfOutsideIssuer(token: string): boolean
  /** Whether somebody who was known once still is: a user who left the htpasswd file is not. */
  isStillKnown(subject: Subject): Promise<boolean>
  close(): Promise<void>
}

/** What an {@link Authenticator} asks; each may be missing. */
export interface AuthenticatorParts {
  readonly passwords?: PasswordChecker | undefined
  readonly workloads?: (WorkloadTokens & { close(): Promise<void> }) | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Makes an {@link Authenticator} of its parts, which it closes. */
export function createAuthenticator({ passwords, workloads, now }: AuthenticatorParts): Authenticator {
  const verified = new ExpiringMap<Subject>(maxVerified, now)

  async function workloadOf(token: string, options: OperationOptions): Promise<Subject | undefined> {
    const name = hash('sha256', token, 'base64')
    const known = verified.get(name)
    if (known !== undefined) return known
    const found = await workloads?.verify(token, options)
    if (found !== undefined) {
      verified.set(name, found.subject, Math.min(found.expiresAt, now() + verifiedLifetime))
    }
    return found?.subject
  }

  function isOfOutsideIssuer(token: string): boolean {
    return workloads?.claimsIssuer(token) === true
  }

  return {
    isOfOutsideIssuer,
    async subjectOf(shown, client, options = {}) {
      options.signal?.throwIfAborted()
      switch (shown.scheme) {
        case 'none':
          return anonymous
        case 'basic': {
          const { user, password } = shown
          if (isOfOutsideIssuer(password)) return workloadOf(password, options)
          const isRight = await passwords?.isRight(user, password, client, options)
          return isRight === true ? { kind: 'user', name: user } : undefined
        }
        case 'bearer':
          return workloadOf(shown.token, options)
        case 'unusable':
          return undefined
        default:
          return shown satisfies never
      }
    },
    isStillKnown: async (subject) =>
      subject.kind !== 'user' || (await passwords?.isKnown(subject.name)) === true,
    async close() {
      await Promise.all([passwords?.close(), workloads?.close()])
    },
  }
}

const maxVerified = 10_000
const verifiedLifetime = 5 * 60_000
