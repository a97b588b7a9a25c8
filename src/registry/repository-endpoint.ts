import { AccessRefusedError } from '../content/index.ts'
import type { LadingError } from '../errors/index.ts'
import type { HttpRequest, HttpResponse } from '../http/index.ts'
import type { Access } from './access-refused.ts'
import { readBody } from './read-body.ts'
import type { RegistryHost } from './registry-host.ts'
import { repositoryScope, type Scope } from './scope.ts'

/** A request about one repository. */
export interface RepositoryRequest extends Pick<
  HttpRequest,
  'method' | 'headers' | 'body' | 'signal' | 'repeatable' | 'redirect'
> {
  /** As in "Cannot …". */
  readonly doing: string
  /** Below the repository, with its query: `tags/list?n=1000`; or a URL that the registry gave. */
  readonly to: string | URL
  /** What a token has to allow on this repository: `pull`. */
  readonly actions: readonly string[]
  /** What it has to allow besides. */
  readonly scopes?: readonly Scope[]
}

/** One repository at one host: the registry itself, or a mirror of it. */
export class RepositoryEndpoint {
  readonly host: RegistryHost
  /** The repository's path at this host. */
  readonly path: string
  /** The registry that a mirror is asked to answer for. */
  readonly #mirrored: string | undefined
  #expectsPushes = false

  constructor(host: RegistryHost, path: string, mirrored?: string) {
    this.host = host
    this.path = path
    this.#mirrored = mirrored
  }

  /** As a person reads it: `docker.io/library/python`. */
  get display(): string {
    return `${this.host.name}/${this.path}`
  }

  /** From now on a token to read is asked for pushing too: then one will do. */
  expectPushes(): void {
    this.#expectsPushes = true
  }

  /** See {@link RegistryHost.request}. */
  async request(request: RepositoryRequest): Promise<HttpResponse> {
    if (!this.#expectsPushes || request.actions.join() !== 'pull') return this.#send(request)
    try {
      return await this.#send({ ...request, actions: ['pull', 'push'] })
    } catch (error) {
      if (!(error instanceof AccessRefusedError)) throw error
      // Who may only read may find that there is nothing to push.
      this.#expectsPushes = false
      return this.#send(request)
    }
  }

  #send({ actions, scopes, to, ...rest }: RepositoryRequest): Promise<HttpResponse> {
    return this.host.request({
      ...rest,
      to: typeof to === 'string' ? this.#target(to) : to,
      repository: this.path,
      scopes: [repositoryScope(this.path, ...actions), ...(scopes ?? [])],
    })
  }

  /**
   * Reads a small document whole.
   *
   * @throws what {@link error} makes of any status but 200.
   */
  async read(
    request: Omit<RepositoryRequest, 'method' | 'body' | 'actions'>,
    limit: number,
  ): Promise<{ readonly response: HttpResponse; readonly bytes: Uint8Array }> {
    return readBody(request.doing, limit, async () => {
      const response = await this.request({ ...request, method: 'GET', actions: ['pull'] })
      if (response.status !== 200) throw await this.error(response, request.doing)
      return response
    })
  }

  /** The error for an answer that is not the one hoped for. */
  async error(response: HttpResponse, doing: string): Promise<LadingError> {
    return this.host.error(response, doing, this.path)
  }

  /** With what the repository is asked, for errors. */
  access(): Promise<Access> {
    return this.host.access(this.path)
  }

  #target(to: string): string {
    const below = `${this.path}/${to}`
    if (this.#mirrored === undefined) return below
    return `${below}${below.includes('?') ? '&' : '?'}ns=${encodeURIComponent(this.#mirrored)}`
  }
}
