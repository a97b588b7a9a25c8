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
  /** Whether the catalogue names the repository to them: a token that is good for the catalogue need not be for it. */
  mayList(repository: RepositoryName): boolean
}

/** Something that somebody wants to do: with a repository, or to read the catalogue. */
export type Wanted =
  | { readonly action: Action; readonly repository: RepositoryName }
  | { readonly action: 'list'; readonly repository?: undefined }

/** What of a request tells who sent it. */
export interface Credentials {
  readonly headers: IncomingHttpHeaders
  /** The address of the client, or the one that a trusted proxy names. */
  readonly remoteAddress: string
  /** What the request is for, where that is known before its sender: challenges to wrong credentials then name it. */
  readonly wanted?: readonly Wanted[] | undefined
}

/**
 * The one place that decides who may do what. Routes ask {@link identify} once a request and the identity before
 * anything is read or written; it is handed the repository that the handler will use, parsed once.
 *
 * `GET /v2/` throws {@link refusal} with nothing wanted when `identity.by` is `anonymous`, also where somebody without
 * a name may pull: docker shows no credentials to a registry that did not ask for them here.
 */
export interface Gate {
  /** True where everybody may do everything. */
  readonly isOpen: boolean
  /**
   * @throws {ProtocolError} UNAUTHORIZED when credentials were given and are wrong, TOOMANYREQUESTS when too many
   * passwords wait to be checked, UNAVAILABLE when they could not be checked.
   */
  identify(credentials: Credentials, options?: OperationOptions): Promise<Identity> | Identity
  /**
   * The error for somebody who may not: UNAUTHORIZED with a challenge that names the scope for who showed nothing,
   * DENIED for who is known.
   */
  refusal(credentials: Credentials, identity: Identity, wanted: readonly Wanted[]): ProtocolError
  /**
   * The challenge for somebody whose token is not good for what the rules let them do, so that another token would be:
   * for what a request can do without, as a mount can. Undefined where no other token would help.
   */
  challengeForMore(
    credentials: Credentials,
    identity: Identity,
    wanted: readonly Wanted[],
  ): ProtocolError | undefined
}
