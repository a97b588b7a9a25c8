import { randomUUID } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import * as v from 'valibot'
import { parseScope, type Scope } from './scope.ts'
import type { Subject } from './subject.ts'
import { tokenAlgorithm, type TokenKeys } from './token-keys.ts'

/** A token as it is handed out. */
export interface IssuedToken {
  readonly token: string
  readonly lifetimeSeconds: number
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
}

/** What a good token says. */
export interface VerifiedToken {
  readonly subject: Subject
  readonly scopes: readonly Scope[]
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Makes the tokens of this registry, and tells them from others. */
export interface OwnTokens {
  /** @param service The host that the token is for. */
  issue(subject: Subject, scopes: readonly Scope[], service: string): Promise<IssuedToken>
  /** Undefined for whatever is not a good token of this registry for that host. */
  verify(token: string, service: string): Promise<VerifiedToken | undefined>
}

/** Options of {@link createOwnTokens}. */
export interface OwnTokensOptions {
  readonly keys: TokenKeys
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly lifetimeSeconds: number
}

/**
 * Tokens as the distribution project's authentication specification has them: JWTs with an `access` claim, good for one
 * host. They are signed with ES256 and checked with nothing else. The key is found by its id among those of the store:
 * whatever a token brings along in its header (`jwk`, `jku`, `x5c`) is not looked at.
 */
export function createOwnTokens({ keys, now, lifetimeSeconds }: OwnTokensOptions): OwnTokens {
  return {
    async issue(subject, scopes, service) {
      const issuedAt = now()
      const seconds = Math.floor(issuedAt / 1000)
      const { kid, privateKey } = await keys.current()
      const access = scopes.map(({ type, name, actions }) => ({ type, name, actions }))
      const token = await new SignJWT({ access, ...subjectClaims(subject) })
        .setProtectedHeader({ alg: tokenAlgorithm, typ: 'JWT', kid })
        .setIssuer(service)
        .setAudience(service)
        .setJti(randomUUID())
        .setIssuedAt(seconds)
        .setNotBefore(seconds)
        .setExpirationTime(seconds + lifetimeSeconds)
        .sign(privateKey)
      return { token, lifetimeSeconds, issuedAt }
    },

    async verify(token, service) {
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ kid }) => {
            const key = typeof kid === 'string' ? await keys.find(kid) : undefined
            if (key === undefined) throw new errors.JWKSNoMatchingKey()
            return key
          },
          {
            algorithms: [tokenAlgorithm],
            typ: 'JWT',
            issuer: service,
            audience: service,
            requiredClaims: ['exp', 'nbf', 'jti'],
            currentDate: new Date(now()),
            clockTolerance: clockSkewSeconds,
          },
        )
        return readClaims(payload)
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}

/** Of several processes on one store, whose clocks may differ. */
const clockSkewSeconds = 5

function subjectClaims(subject: Subject): Record<string, unknown> {
  switch (subject.kind) {
    case 'anonymous':
      return { sub: '', subject: { kind: subject.kind } }
    case 'user':
      return { sub: subject.name, subject: { kind: subject.kind } }
    case 'workload': {
      const { kind, issuer, name, claims } = subject
      return { sub: name, subject: { kind, issuer, claims } }
    }
    default:
      return subject satisfies never
  }
}

const tokenClaims = v.object({
  sub: v.string(),
  exp: v.number(),
  access: v.array(v.object({ type: v.string(), name: v.string(), actions: v.array(v.string()) })),
  subject: v.variant('kind', [
    v.object({ kind: v.literal('anonymous') }),
    v.object({ kind: v.literal('user') }),
    v.object({
      kind: v.literal('workload'),
      issuer: v.string(),
      claims: v.record(v.string(), v.array(v.string())),
    }),
  ]),
})

function readClaims(payload: unknown): VerifiedToken | undefined {
  const parsed = v.safeParse(tokenClaims, payload)
  if (!parsed.success) return undefined
  const { sub, exp, access, subject } = parsed.output
  return {
    subject: subject.kind === 'anonymous' ? subject : { ...subject, name: sub },
    scopes: access.flatMap(
      ({ type, name, actions }) => parseScope(`${type}:${name}:${actions.join(',')}`) ?? [],
    ),
    expiresAt: exp * 1000,
  }
}
