import { isRepositoryName, type RepositoryName } from '../repository-name.ts'
import type { Action, Wanted } from './gate.ts'

/** What a token is asked for, or is good for. */
export type Scope =
  | { readonly type: 'repository'; readonly name: RepositoryName; readonly actions: readonly Action[] }
  | { readonly type: 'registry'; readonly name: 'catalog'; readonly actions: readonly ['*'] }

/** All there is to do with a repository. */
export const allActions: readonly Action[] = ['pull', 'push', 'delete']

/**
 * Reads one `type:name:action,action`, which the distribution project calls a resource scope. `*` stands for every
 * action; actions of other registries are left out, and undefined is given for what names nothing here: another type, a
 * name that no repository can have, no action that is known.
 */
export function parseScope(text: string): Scope | undefined {
  const [, type, name = '', list = ''] = /^([a-z]+(?:\([a-z]+\))?):(.+):([a-z*,]*)$/.exec(text) ?? []
  const words = list.split(',')
  if (type === 'registry') {
    return name === 'catalog' && words.includes('*') ? { type, name, actions: ['*'] } : undefined
  }
  if (type !== 'repository' || !isRepositoryName(name)) return undefined
  const actions = allActions.filter((action) => words.includes('*') || words.includes(action))
  return actions.length === 0 ? undefined : { type, name, actions }
}

/** Writes a scope as {@link parseScope} reads it. */
export function scopeText({ type, name, actions }: Scope): string {
  return `${type}:${name}:${actions.join(',')}`
}

/** Writes the scopes that a challenge names for what somebody wants; who pushes reads as well. */
export function scopesOf(wanted: readonly Wanted[]): string {
  const byName = new Map<RepositoryName, Set<Action>>()
  for (const { action, repository } of wanted) {
    if (repository === undefined) continue
    const actions = byName.get(repository) ?? new Set()
    byName.set(repository, actions.add(action))
    if (action === 'push') actions.add('pull')
  }
  const repositories = [...byName].map(
    ([name, actions]) => `repository:${name}:${allActions.filter((action) => actions.has(action)).join(',')}`,
  )
  const wantsCatalogue = wanted.some(({ action }) => action === 'list')
  return [...repositories, ...(wantsCatalogue ? ['registry:catalog:*'] : [])].join(' ')
}
