import * as v from 'valibot'
import { redactUrl } from '../errors/index.ts'
import { AccessRefusedError, RateLimitedError, UnavailableError } from '../content/index.ts'
import type { HttpResponse, Transport } from '../http/index.ts'
import { answerError } from './answer-error.ts'
import { type Access, accessRefused } from './access-refused.ts'
import type { Credentials } from './credentials/credentials.ts'
import { parseJsonBody } from './parse-json-body.ts'
import { readBody } from './read-body.ts'
import { formatScope, type Scope } from './scope.ts'

/** A bearer token. */
export interface Token {
  readonly value: string
  /** What it was asked for; the server may have granted less. */
  readonly scopes: readonly Scope[]
  /** Milliseconds since 1970 after which another one is asked for. */
  readonly renewAt: number
  /** A refresh token that came with it. */
  readonly refreshToken: string | undefined
}

/** What a token server is asked. */
export interface TokenRequest {
  readonly transport: Transport
  /** The registry on whose behalf: `docker.io`, and its URL. */
  readonly registry: string
  readonly registryUrl: URL
  readonly realm: URL
  readonly service: string | undefined
  /** Newest first: some servers read only one. */
  readonly scopes: readonly Scope[]
  readonly credentials: Credentials | undefined
  /** Takes the place of the credentials' identity token. */
  readonly refreshToken: string | undefined
  readonly signal: AbortSignal | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The name under which Lading asks OAuth2 token servers. */
const clientId = 'lading'
const largestAnswer = 1024 * 1024
const shortestLife = 60

const TokenAnswer = v.object({
  token: v.nullish(v.string()),
  access_token: v.nullish(v.string()),
  refresh_token: v.nullish(v.string()),
  expires_in: v.fallback(v.nullish(v.number()), undefined),
  issued_at: v.fallback(v.nullish(v.string()), undefined),
})

/**
 * Asks a token server for a token (distribution, token authentication and OAuth2 token specifications).
 *
 * A refresh token goes by POST; a server that knows no POST (404, 405) is asked by GET.
 *
 * @throws {AccessRefusedError} when the server gives none for these credentials.
 */
export async function requestToken(request: TokenRequest): Promise<Token> {
  const started = request.now()
  const { bytes } = await readBody(`get access to ${request.registry}`, largestAnswer, async () => {
    const response = await ask(request)
    if (response.status !== 200) throw await refusal(request, response)
    return response
  })
  const answer = parseJsonBody(bytes, TokenAnswer, `token of ${redactUrl(request.realm)}`)

  const value = nonEmpty(answer.token) ?? nonEmpty(answer.access_token)
  if (value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
    throw new UnavailableError(
      `Cannot get access to ${request.registry}: the token server ${redactUrl(request.realm)} answered without a token`,
    )
  }
  return {
    value,
    scopes: request.scopes,
    renewAt: renewalTime(started, answer.expires_in ?? undefined, answer.issued_at ?? undefined),
    refreshToken: nonEmpty(answer.refresh_token),
  }
}

async function ask(request: TokenRequest): Promise<HttpResponse> {
  const refreshToken = request.refreshToken ?? request.credentials?.identityToken
  if (refreshToken === undefined) return askByGet(request)
  const response = await askByPost(request, refreshToken)
  if (response.status !== 404 && response.status !== 405) return response
  await response.discard()
  return askByGet(request)
}

async function askByPost(request: TokenRequest, refreshToken: string): Promise<HttpResponse> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: refreshToken,
  })
  if (request.service !== undefined) form.set('service', request.service)
  if (request.scopes.length > 0) form.set('scope', request.scopes.map(formatScope).join(' '))
  return request.transport.request({
    method: 'POST',
    url: request.realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    repeatable: true,
    onBehalfOf: request.registryUrl,
    signal: request.signal,
  })
}

async function askByGet(request: TokenRequest): Promise<HttpResponse> {
  const { credentials } = request
  const url = new URL(request.realm)
  if (request.service !== undefined) url.searchParams.set('service', request.service)
  for (const scope of request.scopes) url.searchParams.append('scope', formatScope(scope))
  const basic = credentials === undefined ? undefined : basicAuthorization(credentials)
  if (basic !== undefined && credentials?.username !== undefined) {
    url.searchParams.set('account', credentials.username)
  }
  return request.transport.request({
    method: 'GET',
    url,
    headers: basic === undefined ? {} : { authorization: basic },
    onBehalfOf: request.registryUrl,
    signal: request.signal,
  })
}

/** The value of `Authorization` for the Basic scheme (RFC 7617); undefined where there is nothing to send. */
export function basicAuthorization(credentials: Credentials): string | undefined {
  const password = credentials.password ?? credentials.identityToken
  if (password === undefined) return undefined
  const pair = `${credentials.username ?? '<token>'}:${password}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

async function refusal(request: TokenRequest, response: HttpResponse): Promise<Error> {
  const access: Access = { host: request.registry, credentials: request.credentials }
  const doing = `get access to ${request.registry}`
  const error = await answerError(response, doing, access)
  if (error instanceof AccessRefusedError || error instanceof RateLimitedError) return error
  // OAuth2 (RFC 6749 §5.2) answers 400 to a refresh token that it does not take (any more).
  if (response.status === 400) return accessRefused('UNAUTHORIZED', doing, access, undefined)
  // That a token server lacks something does not say that the registry does.
  const { status } = response
  return new UnavailableError(
    `Cannot ${doing}: the token server ${redactUrl(request.realm)} answered with status ${status}`,
    { status, cause: error },
  )
}

/** Before its end, as clocks differ and the token has to last for the request. */
function renewalTime(now: number, expiresIn: number | undefined, issuedAt: string | undefined): number {
  const life = Math.max(expiresIn ?? 0, shortestLife)
  const issued = issuedAt === undefined ? Number.NaN : Date.parse(issuedAt)
  const start = Number.isNaN(issued) ? now : Math.min(now, issued)
  const expires = Math.max(start + life * 1000, now + shortestLife * 1000)
  return expires - Math.min(30_000, (expires - now) / 4)
}

function nonEmpty(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text === '' ? undefined : text
}
