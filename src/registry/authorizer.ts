import { redactUrl } from '../errors/index.ts'
import { AccessRefusedError } from '../content/index.ts'
import type { Transport } from '../http/index.ts'
import type { Challenge } from './challenge.ts'
import type { Credentials } from './credentials/credentials.ts'
import { isLoopback } from './endpoint.ts'
import { coversScopes, formatScope, mergeScopes, parseScopes, type Scope } from './scope.ts'
import { SharedWork } from './shared-work.ts'
import { basicAuthorization, requestToken, type Token } from './token.ts'

/** What was or will be sent in `Authorization`. */
export interface Authorization {
  readonly header: string
  /** The token in it, if it is one of a token server. */
  readonly token?: Token
  /** Whether the token was asked for just now. */
  readonly fresh?: boolean
}

/** What an {@link Authorizer} works with. */
export interface AuthorizerOptions {
  readonly transport: Transport
  /** The registry as names carry it. */
  readonly registry: string
  /** Credentials for a repository of this registry, or for the registry; asked for when they are needed first. */
  readonly credentials: RepositoryCredentials
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Finds credentials for a repository of one registry; without a repository, for the registry. */
export type RepositoryCredentials = (
  repository: string | undefined,
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<Credentials | undefined>

/** A request that is to be authorized. */
export interface AuthorizedRequest {
  /** The registry's URL. */
  readonly base: URL
  readonly repository: string | undefined
  readonly scopes: readonly Scope[]
  readonly signal: AbortSignal | undefined
}

interface BearerScheme {
  readonly kind: 'bearer'
  readonly realm: URL
  readonly service: string | undefined
}

type Scheme = { readonly kind: 'unknown' } | { readonly kind: 'basic' } | BearerScheme

interface OwnedToken {
  /** Whose it is: nobody is served with what somebody else was given. */
  readonly owner: string
  readonly token: Token
}

const mostTokens = 256
const mostChallengedScopes = 8

/**
 * Answers the challenges of one registry, and remembers what it learned: the scheme, and tokens by scope.
 *
 * Nothing is sent before the registry asked for it. Many requests at once ask for a token once.
 */
export class Authorizer {
  readonly #options: AuthorizerOptions
  readonly #requests = new SharedWork<Token>()
  #scheme: Scheme = { kind: 'unknown' }
  #tokens: readonly OwnedToken[] = []
  readonly #refreshTokens = new Map<string, string>()

  constructor(options: AuthorizerOptions) {
    this.#options = options
  }

  /** Whether the registry has asked for anything yet. */
  get challenged(): boolean {
    return this.#scheme.kind !== 'unknown'
  }

  /** What to send right away; undefined to send nothing. */
  async prepare(request: AuthorizedRequest): Promise<Authorization | undefined> {
    const scheme = this.#scheme
    if (scheme.kind === 'unknown') return undefined
    const credentials = await this.#options.credentials(request.repository, request)
    if (scheme.kind === 'basic') return credentials && basic(credentials)
    return this.#bearer(request, scheme, mergeScopes(request.scopes), credentials)
  }

  /**
   * What to send instead of `refused`, judging by the challenges of the answer; undefined when there is nothing
   * better.
   *
   * @throws {AccessRefusedError} when the token server refuses, or is one that credentials must not go to.
   */
  async answer(
    request: AuthorizedRequest,
    challenges: readonly Challenge[],
    refused: Authorization | undefined,
  ): Promise<Authorization | undefined> {
    const credentials = await this.#options.credentials(request.repository, request)
    for (const challenge of challenges) {
      if (challenge.scheme === 'basic') {
        const next = credentials && basic(credentials)
        if (next === undefined || next.header === refused?.header) continue
        this.#scheme = { kind: 'basic' }
        return next
      }
      if (challenge.scheme === 'bearer' && challenge.parameters.has('realm')) {
        return this.#answerBearer(request, challenge, credentials, refused)
      }
    }
    return undefined
  }

  async #answerBearer(
    request: AuthorizedRequest,
    challenge: Challenge,
    credentials: Credentials | undefined,
    refused: Authorization | undefined,
  ): Promise<Authorization | undefined> {
    const scheme: BearerScheme = {
      kind: 'bearer',
      realm: this.#checkedRealm(request.base, challenge.parameters.get('realm') ?? ''),
      service: challenge.parameters.get('service'),
    }
    this.#scheme = scheme
    const asked = parseScopes(challenge.parameters.get('scope') ?? '').slice(0, mostChallengedScopes)
    const wanted = mergeScopes([...request.scopes, ...asked])
    const token = refused?.token
    if (token !== undefined) {
      this.#tokens = this.#tokens.filter((known) => known.token !== token)
      // A token that was asked for just now, with all that is wanted, will not get better by asking again.
      if (refused?.fresh === true && coversScopes(token.scopes, wanted)) return undefined
    }
    const next = await this.#bearer(request, scheme, wanted, credentials)
    return next.header === refused?.header ? undefined : next
  }

  async #bearer(
    request: AuthorizedRequest,
    scheme: BearerScheme,
    scopes: readonly Scope[],
    credentials: Credentials | undefined,
  ): Promise<Authorization> {
    if (credentials?.registryToken !== undefined) return { header: `Bearer ${credentials.registryToken}` }
    const now = this.#options.now()
    const owner = ownerOf(credentials)
    const known = this.#tokens.find(
      (held) => held.owner === owner && held.token.renewAt > now && coversScopes(held.token.scopes, scopes),
    )
    if (known !== undefined) return { header: `Bearer ${known.token.value}`, token: known.token }

    const key = [owner, scheme.realm.href, scheme.service, ...scopes.map(formatScope)].join('\n')
    const token = await this.#requests.run(
      key,
      (shared) => this.#request({ ...request, signal: shared }, scheme, scopes, credentials),
      request.signal,
    )
    return { header: `Bearer ${token.value}`, token, fresh: true }
  }

  async #request(
    request: AuthorizedRequest,
    scheme: BearerScheme,
    scopes: readonly Scope[],
    credentials: Credentials | undefined,
  ): Promise<Token> {
    const { transport, registry, now } = this.#options
    const owner = ownerOf(credentials)
    const token = await requestToken({
      transport,
      registry,
      registryUrl: request.base,
      realm: scheme.realm,
      service: scheme.service,
      scopes,
      credentials,
      refreshToken: this.#refreshTokens.get(owner),
      signal: request.signal,
      now,
    })
    if (token.refreshToken !== undefined) this.#refreshTokens.set(owner, token.refreshToken)
    const time = now()
    const valid = this.#tokens.filter((held) => held.token.renewAt > time)
    this.#tokens = [{ owner, token }, ...valid].slice(0, mostTokens)
    return token
  }

  /** A token server is given credentials: over https, or where nobody can listen, or where the registry itself is plain by configuration. */
  #checkedRealm(registryUrl: URL, realm: string): URL {
    const url = URL.canParse(realm) ? new URL(realm) : undefined
    const secure =
      url !== undefined &&
      (url.protocol === 'https:' ||
        (url.protocol === 'http:' &&
          registryUrl.protocol === 'http:' &&
          (isLoopback(url.hostname) || url.hostname === registryUrl.hostname)))
    if (secure) return url
    const shown = url === undefined ? 'which is not a URL' : redactUrl(url)
    throw new AccessRefusedError(
      'UNAUTHORIZED',
      `Cannot get access to ${this.#options.registry}: it names a token server that credentials must not go to (${shown})`,
      { hint: 'A token server has to be reached over https.' },
    )
  }
}

function basic(credentials: Credentials): Authorization | undefined {
  const header = basicAuthorization(credentials)
  return header === undefined ? undefined : { header }
}

function ownerOf(credentials: Credentials | undefined): string {
  return credentials === undefined ? '' : `${credentials.source}\n${credentials.username ?? ''}`
}
