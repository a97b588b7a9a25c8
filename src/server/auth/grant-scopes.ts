import { ProtocolError } from '../protocol-error.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { Action } from './gate.ts'
import type { Permissions } from './permissions.ts'
import { allActions, parseScope, type Scope } from './scope.ts'
import type { Subject } from './subject.ts'

/**
 * Gives what of the scopes the rules let somebody have; one scope a repository. What cannot be read, or is nothing of
 * this registry, is left out, as the specification of tokens has it.
 *
 * @param texts As they came: each may hold several scopes with spaces between them.
 * @throws {ProtocolError} UNSUPPORTED (400) when a token for so many would not fit in a header.
 */
export function grantScopes(
  texts: readonly string[],
  subject: Subject,
  permissions: Permissions,
): readonly Scope[] {
  const words = new Set(texts.flatMap((text) => text.split(' ')).filter((word) => word !== ''))
  const length = [...words].reduce((sum, word) => sum + word.length, 0)
  if (words.size > maxScopes || length > maxScopeLength) {
    throw new ProtocolError('UNSUPPORTED', `more than ${maxScopes} scopes, or more than fits in a token`, {
      status: 400,
    })
  }
  const scopes = [...words].flatMap((word) => parseScope(word) ?? [])
  const asked = new Map<RepositoryName, ReadonlySet<Action>>()
  for (const scope of scopes) {
    if (scope.type === 'repository') {
      asked.set(scope.name, new Set([...(asked.get(scope.name) ?? []), ...scope.actions]))
    }
  }
  const granted = [...asked].map(([name, actions]): Scope => ({
    type: 'repository',
    name,
    actions: allActions.filter((action) => actions.has(action) && permissions.may(subject, action, name)),
  }))
  return [
    ...granted.filter(({ actions }) => actions.length > 0),
    ...scopes.filter(({ type }) => type === 'registry').slice(0, 1),
  ]
}

const maxScopes = 64

/** Characters; servers and proxies take headers of 8 KiB, and base64 makes four characters of three. */
const maxScopeLength = 3000
