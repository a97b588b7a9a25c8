import type { IncomingHttpHeaders } from 'node:http'
import type { OperationOptions } from '../../content/index.ts'
import type { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'

/** What somebody may want to do with a repository. */
export type Action = 'pull' | 'push' | 'delete'

/** Who sent a request. */
export interface Identity {
  /** Undefined: nobody in particular. */
  readonly name: string | undefined
  /** How they showed it; `open` where the registry asks nobody. */
  readonly by: 'open' | 'anonymous' | 'password' | 'token' | 'workload'
  /** Whether the rules, or the scopes of the token, let them. */
  may(action: Action, repository: RepositoryName): boolean
}

/** What of a request tells who sent it. */
export interface Credentials {
  readonly headers: IncomingHttpHeaders
  /** The address of the client, or the one that a trusted proxy names. */
  readonly remoteAddress: string
}

/**
 * The one place that decides who may do what. Routes ask {@link identify} once a request and the identity before
 * anything is read or written; it is handed the repository that the handler will use, parsed once.
 */
export interface Gate {
  /** True where everybody may do everything. */
  readonly isOpen: boolean
  /** @throws {ProtocolError} UNAUTHORIZED when credentials were given and are wrong. */
  identify(credentials: Credentials, options?: OperationOptions): Promise<Identity>
  /**
   * The error for somebody who may not: UNAUTHORIZED with a challenge that names the scope for who showed nothing,
   * DENIED for who is known.
   */
  refusal(
    credentials: Credentials,
    identity: Identity,
    wanted: readonly { readonly action: Action; readonly repository: RepositoryName }[],
  ): ProtocolError
}
