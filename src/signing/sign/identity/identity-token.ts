import * as v from 'valibot'
import { IdentityTokenError } from '../errors.ts'

const maxTokenLength = 64 * 1024

const claimsSchema = v.object({
  iss: v.pipe(v.string(), v.minLength(1), v.maxLength(2048)),
  sub: v.pipe(v.string(), v.minLength(1), v.maxLength(2048)),
  email: v.optional(v.pipe(v.string(), v.maxLength(2048))),
  exp: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(8.64e12))),
  nonce: v.optional(v.string()),
})

/**
 * An OpenID Connect token that says who signs. What it claims is read to show it and to prove possession of a key, and is
 * believed by nobody here: the certificate authority verifies it. Its text is in no property, and so in no log.
 */
export class IdentityToken {
  readonly #text: string
  /** `iss`: who vouches. */
  readonly issuer: string
  /** `sub`: who it is about. */
  readonly subject: string
  /** `email`, where the issuer says one. */
  readonly email: string | undefined
  /** `exp`. */
  readonly expires: Date | undefined
  /** `nonce`: the login that it answers. */
  readonly nonce: string | undefined

  /** @throws {IdentityTokenError} `text` is not a signed token (RFC 7519, RFC 7515 section 7.1), or lacks a claim. */
  constructor(text: string) {
    const claims = readClaims(text)
    this.#text = text
    this.issuer = claims.iss
    this.subject = claims.sub
    this.email = claims.email === '' ? undefined : claims.email
    this.expires = claims.exp === undefined ? undefined : new Date(claims.exp * 1000)
    this.nonce = claims.nonce
  }

  /** What the certificate authority knows the holder by, and a proof of possession is over: the address, else the subject. */
  get principal(): string {
    return this.email ?? this.subject
  }

  /** The token itself, for the certificate authority alone. */
  static textOf(token: IdentityToken): string {
    return token.#text
  }
}

function readClaims(text: string): v.InferOutput<typeof claimsSchema> {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(text.slice(0, maxTokenLength + 1)) ?? []
  if (payload === undefined || text.length > maxTokenLength)
    throw new IdentityTokenError('Cannot use the identity token: it is not a signed JSON Web Token')
  const result = v.safeParse(claimsSchema, parseJson(payload))
  if (result.success) return result.output
  throw new IdentityTokenError(
    'Cannot use the identity token: it does not say who issued it and whom it is about',
  )
}

function parseJson(payload: string): unknown {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
  } catch {
    // The parser's message would quote the token.
    return undefined
  }
}
