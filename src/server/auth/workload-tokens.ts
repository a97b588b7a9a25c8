import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import type { OperationOptions } from '../../content/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { TrustedIssuer } from '../server-options.ts'
import { type IssuerKeys, IssuerUnavailableError } from './issuer-keys.ts'
import type { Subject } from './subject.ts'

/** Tells the tokens of outside issuers. */
export interface WorkloadTokens {
  /** Whether the token says that it is of one of the issuers. This is not verified. */
  claimsIssuer(token: string): boolean
  /**
   * Who brings the token, and until when it is good, in milliseconds since the epoch; undefined where it is not good.
   *
   * @throws {ProtocolError} UNAVAILABLE when the keys of its issuer could not be had.
   */
  verify(
    token: string,
    options?: OperationOptions,
  ): Promise<{ readonly subject: Subject; readonly expiresAt: number } | undefined>
}

/** An issuer, and what is needed to check its tokens. */
export interface WorkloadIssuer extends Pick<TrustedIssuer, 'url' | 'audience'> {
  readonly keys: IssuerKeys
  /** The claims that rules ask for. */
  readonly claims: ReadonlySet<string>
}

/**
 * Checks tokens of outside issuers: signature by a key that the issuer publishes and with an algorithm of public keys,
 * `iss`, `aud`, `exp` and `nbf` with half a minute for clocks that differ, and that there is a `sub`.
 */
export function createWorkloadTokens(
  issuers: readonly WorkloadIssuer[],
  options: { readonly now: () => number },
): WorkloadTokens {
  const byUrl = new Map(issuers.map((issuer) => [issuer.url, issuer]))

  function issuerOf(token: string): WorkloadIssuer | undefined {
    const url = unverifiedIssuer(token)
    return url === undefined ? undefined : byUrl.get(url)
  }

  return {
    claimsIssuer: (token) => issuerOf(token) !== undefined,
    async verify(token, { signal } = {}) {
      const issuer = issuerOf(token)
      if (issuer === undefined) return undefined
      try {
        const { payload } = await jwtVerify(token, (header) => issuer.keys.find(header, signal), {
          algorithms: publicKeyAlgorithms,
          issuer: issuer.url,
          audience: issuer.audience,
          requiredClaims: ['exp', 'sub'],
          currentDate: new Date(options.now()),
          clockTolerance: clockSkewSeconds,
        })
        return { subject: subjectOf(payload, issuer), expiresAt: (payload.exp ?? 0) * 1000 }
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        if (error instanceof IssuerUnavailableError) throw unavailable(error)
        throw error
      }
    },
  }
}

const publicKeyAlgorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

const clockSkewSeconds = 30

/** Longest value of a claim, and most values of one, that rules see. */
const maxClaimLength = 1024
const maxClaimValues = 100

function unverifiedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

function subjectOf(payload: JWTPayload, { url, claims }: WorkloadIssuer): Subject {
  const asked = [...claims].filter((name) => Object.hasOwn(payload, name))
  return {
    kind: 'workload',
    issuer: url,
    name: (payload.sub ?? '').slice(0, maxClaimLength),
    claims: Object.fromEntries(asked.map((name) => [name, valuesOf(payload[name])])),
  }
}

/** Texts, numbers and truth values as texts; what cannot be matched by a pattern has no values. */
function valuesOf(claim: unknown): string[] {
  const values: unknown[] = Array.isArray(claim) ? claim.slice(0, maxClaimValues) : [claim]
  return values
    .filter((value) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    .map(String)
    .filter((value) => value.length <= maxClaimLength)
}

function unavailable(cause: IssuerUnavailableError): ProtocolError {
  return new ProtocolError('UNAVAILABLE', 'the issuer of this token cannot be asked for its keys now', {
    headers: { 'Retry-After': '10' },
    cause,
  })
}
