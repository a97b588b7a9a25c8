import type { RepositoryName } from '../repository-name.ts'
import type { Identity, Wanted } from './gate.ts'
import type { Permissions } from './permissions.ts'
import type { Scope } from './scope.ts'
import { type Subject, subjectName } from './subject.ts'

/** Somebody who showed who they are, or nothing; the rules say what they may. */
export function identityOf(subject: Subject, permissions: Permissions): Identity {
  const by = { anonymous: 'anonymous', user: 'password', workload: 'workload' } as const
  return {
    name: subjectName(subject),
    by: by[subject.kind],
    may: (action, repository) => permissions.may(subject, action, repository),
    mayList: (repository) => permissions.may(subject, 'pull', repository),
  }
}

/** Somebody with a token of this registry: its scopes and the rules must both let them. */
export function tokenIdentityOf(
  subject: Subject,
  scopes: readonly Scope[],
  permissions: Permissions,
): TokenIdentity {
  const actions = new Map(
    scopes.map((scope) => [scope.type === 'repository' ? scope.name : catalog, scope.actions]),
  )
  const inScope = (action: string, name: RepositoryName | typeof catalog): boolean =>
    actions.get(name)?.some((granted) => granted === action) === true
  return {
    name: subjectName(subject),
    by: 'token',
    subject,
    isGoodFor: (wanted) =>
      wanted.repository === undefined ? inScope('*', catalog) : inScope(wanted.action, wanted.repository),
    may: (action, repository) => inScope(action, repository) && permissions.may(subject, action, repository),
    mayList: (repository) =>
      (inScope('*', catalog) || inScope('pull', repository)) && permissions.may(subject, 'pull', repository),
  }
}

/** An identity by a token. */
export interface TokenIdentity extends Identity {
  readonly by: 'token'
  /** For whom the token was made. */
  readonly subject: Subject
  /** Whether the scopes have it, whatever the rules say. */
  isGoodFor(wanted: Wanted): boolean
}

/** Tells the identities that {@link tokenIdentityOf} made from others. */
export function isTokenIdentity(identity: Identity): identity is TokenIdentity {
  return identity.by === 'token' && 'subject' in identity
}

/** Stands for the catalogue among names of repositories, none of which is written so. */
const catalog = ':catalog'
