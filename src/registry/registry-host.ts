import type { LadingError } from '../errors/index.ts'
import { type AccessRefusedError, UnavailableError } from '../content/index.ts'
import {
  HttpConnectionError,
  HttpRefusedError,
  type HttpRequest,
  type HttpResponse,
  type Transport,
} from '../http/index.ts'
import { type Access, accessRefused } from './access-refused.ts'
import { answerError, readComplaint } from './answer-error.ts'
import {
  type Authorization,
  type AuthorizedRequest,
  Authorizer,
  type RepositoryCredentials,
} from './authorizer.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import { type Credentials, CredentialsError } from './credentials/index.ts'
import { apiUrl } from './endpoint.ts'
import type { RegistryProtocols } from './registry-protocols.ts'
import type { Scope } from './scope.ts'

/** What a {@link RegistryHost} works with. */
export interface RegistryHostOptions {
  readonly transport: Transport
  /** As names carry it: `docker.io`, `localhost:5000`. */
  readonly name: string
  /** Speak plain http, by configuration. */
  readonly plainHttp: boolean
  readonly credentials: RepositoryCredentials
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly protocols: RegistryProtocols
}

/** A request to a registry. */
export interface RegistryRequest extends Pick<
  HttpRequest,
  'method' | 'headers' | 'body' | 'signal' | 'repeatable' | 'redirect'
> {
  /** What it is for, as in "Cannot …": `fetch sha256:… from docker.io/library/x`. */
  readonly doing: string
  /** Below `/v2/`, with its query: `library/x/tags/list?n=1000`; or a URL that the registry gave. */
  readonly to: string | URL
  /** The repository that it is about: credentials may be for some only. */
  readonly repository: string | undefined
  readonly scopes: readonly Scope[]
}

const mostRounds = 3

/** One registry to talk to: finds its protocol, answers its challenges, and words what goes wrong on the way. */
export class RegistryHost {
  readonly #options: RegistryHostOptions
  readonly #authorizer: Authorizer
  #ping: Promise<readonly Challenge[]> | undefined

  constructor(options: RegistryHostOptions) {
    this.#options = options
    const { transport, name: registry, credentials, now } = options
    this.#authorizer = new Authorizer({ transport, registry, credentials, now })
  }

  /** As names carry it. */
  get name(): string {
    return this.#options.name
  }

  /** Whether it has asked for credentials yet. */
  get challenged(): boolean {
    return this.#authorizer.challenged
  }

  /**
   * Gives the answer, whatever its status but 401.
   *
   * Sends what authorization is known already, and answers challenges. `Authorization` goes to the registry's own
   * origin only, also where the registry names another one.
   *
   * @throws {AccessRefusedError} the registry, or its token server, does not take the credentials, or there are none.
   * @throws {UnavailableError} there was no answer.
   */
  async request(request: RegistryRequest): Promise<HttpResponse> {
    const base = await this.#baseUrl(request.signal)
    const url = typeof request.to === 'string' ? new URL(`./${request.to}`, base) : request.to
    if (url.origin !== base.origin) return this.#send(request, url, base, undefined)

    let authorization = await this.#worded(request, () => this.#authorizer.prepare(authorized(request, base)))
    for (let round = 1; ; round += 1) {
      const response = await this.#send(request, url, base, authorization)
      if (!(await this.#mayNeedAuthorization(response, authorization, request, base))) return response
      const next =
        round === mostRounds ? undefined : await this.#better(request, response, base, authorization)
      if (next === undefined) {
        if (response.status === 401) throw await this.#refusal(request, response)
        return response
      }
      await response.discard()
      authorization = next
    }
  }

  /** Asks another host on behalf of the registry, as a stranger: storage, the publisher of a foreign layer. */
  async requestElsewhere(
    request: Pick<HttpRequest, 'method' | 'headers' | 'signal'> & {
      readonly doing: string
      readonly to: URL
    },
  ): Promise<HttpResponse> {
    const base = await this.#baseUrl(request.signal)
    return this.#send({ ...request, scopes: [], repository: undefined }, request.to, base, undefined)
  }

  /** The error for an answer that {@link request} gave and that is not the one hoped for. */
  async error(response: HttpResponse, doing: string, repository: string | undefined): Promise<LadingError> {
    const isAboutAccess = [401, 403, 429].includes(response.status)
    const access = isAboutAccess ? await this.access(repository) : { host: this.name, credentials: undefined }
    return answerError(response, doing, access)
  }

  /** With what the registry is asked, for errors about access. */
  async access(repository: string | undefined): Promise<Access> {
    return { host: this.name, credentials: await this.#knownCredentials(repository, undefined) }
  }

  /** Credentials, or none where they cannot be had: for questions that are not about them. */
  async #knownCredentials(
    repository: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Credentials | undefined> {
    try {
      return await this.#options.credentials(repository, { signal })
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof CredentialsError) return undefined
      throw error
    }
  }

  async #send(
    request: RegistryRequest,
    url: URL,
    base: URL,
    authorization: Authorization | undefined,
  ): Promise<HttpResponse> {
    const { doing, to: _to, scopes: _scopes, repository: _repository, headers, ...rest } = request
    return this.#worded({ doing }, () =>
      this.#options.transport.request({
        ...rest,
        url,
        onBehalfOf: base,
        headers:
          authorization === undefined ? { ...headers } : { ...headers, authorization: authorization.header },
      }),
    )
  }

  /**
   * 401 says so. 403 may ask for more scope (RFC 6750 §3.1). A registry that lets strangers in may hide from them
   * what is not theirs to see, as 403 or 404; who has credentials for it then looks whether it would take them.
   */
  async #mayNeedAuthorization(
    response: HttpResponse,
    sent: Authorization | undefined,
    request: RegistryRequest,
    base: URL,
  ): Promise<boolean> {
    const { status } = response
    if (status === 401) return true
    if (status !== 403 && status !== 404) return false
    if (response.headerValues('www-authenticate').join().includes('insufficient_scope')) return true
    if (sent !== undefined || request.repository === undefined || this.#authorizer.challenged) return false
    if ((await this.#knownCredentials(request.repository, request.signal)) === undefined) return false
    return (await this.#pingChallenges(request, base)).length > 0
  }

  async #better(
    request: RegistryRequest,
    response: HttpResponse,
    base: URL,
    sent: Authorization | undefined,
  ): Promise<Authorization | undefined> {
    const named = parseChallenges(response.headerValues('www-authenticate'))
    const challenges = named.length > 0 ? named : await this.#pingChallenges(request, base)
    return this.#worded(request, () => this.#authorizer.answer(authorized(request, base), challenges, sent))
  }

  /** What `/v2/` asks for; the answer to a real request may be a 401 without a word (gcr.io). Asked once. */
  async #pingChallenges(request: RegistryRequest, base: URL): Promise<readonly Challenge[]> {
    this.#ping ??= this.#askPing(request, base)
    try {
      return await this.#ping
    } catch (error) {
      this.#ping = undefined
      throw error
    }
  }

  async #askPing(request: RegistryRequest, base: URL): Promise<readonly Challenge[]> {
    const { doing, signal } = request
    const ping = { doing, signal, method: 'GET', to: base, scopes: [], repository: undefined } as const
    const response = await this.#send(ping, base, base, undefined)
    await response.discard()
    return response.status === 401 ? parseChallenges(response.headerValues('www-authenticate')) : []
  }

  async #refusal(request: RegistryRequest, response: HttpResponse): Promise<AccessRefusedError> {
    const { text } = await readComplaint(response)
    return accessRefused('UNAUTHORIZED', request.doing, await this.access(request.repository), text)
  }

  async #baseUrl(signal: AbortSignal | undefined): Promise<URL> {
    signal?.throwIfAborted()
    const { name, plainHttp, protocols } = this.#options
    return apiUrl(name, plainHttp ? 'http' : await protocols.of(name))
  }

  async #worded<Result>(request: { readonly doing: string }, act: () => Promise<Result>): Promise<Result> {
    try {
      return await act()
    } catch (error) {
      if (error instanceof HttpConnectionError) {
        throw new UnavailableError(`Cannot ${request.doing}: ${withoutPrefix(error.message)}`, {
          cause: error,
          hint: error.reason === 'not-tls' ? plainHttpHint(this.name) : error.hint,
        })
      }
      if (error instanceof HttpRefusedError) {
        throw new UnavailableError(`Cannot ${request.doing}: ${withoutPrefix(error.message)}`, {
          cause: error,
          hint: error.hint,
        })
      }
      throw error
    }
  }
}

function authorized(request: RegistryRequest, base: URL): AuthorizedRequest {
  return { base, repository: request.repository, scopes: request.scopes, signal: request.signal }
}

function plainHttpHint(name: string): string {
  return `If ${name} is meant to speak plain http, say so in the configuration of its host.`
}

/** "Cannot GET https://…: the connection broke off" told as a reason. */
function withoutPrefix(message: string): string {
  return message.replace(/^Cannot /, 'could not ')
}
