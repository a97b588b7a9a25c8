/** What a token is asked for: actions on a resource (distribution, token scope documentation). */
export interface Scope {
  /** `repository:library/python`, `registry:catalog`. */
  readonly resource: string
  /** `pull`, `push`, `delete`, `*`. */
  readonly actions: readonly string[]
}

/** The scope of actions on a repository. */
export function repositoryScope(repository: string, ...actions: readonly string[]): Scope {
  return { resource: `repository:${repository}`, actions }
}

/** Reads the `scope` of a challenge: scopes with spaces between, actions behind the last colon. Total. */
export function parseScopes(text: string): readonly Scope[] {
  return text
    .split(/\s+/)
    .map((word) => {
      const colon = word.lastIndexOf(':')
      return {
        resource: word.slice(0, Math.max(colon, 0)),
        actions: word
          .slice(colon + 1)
          .split(',')
          .filter((action) => action !== ''),
      }
    })
    .filter((scope) => scope.resource !== '' && scope.actions.length > 0)
}

/** The text of a scope as token servers read it; actions sorted, so that equal scopes are equal texts. */
export function formatScope(scope: Scope): string {
  return `${scope.resource}:${scope.actions.toSorted().join(',')}`
}

/** One scope a resource, in the order of first mention, with all actions that were mentioned. */
export function mergeScopes(scopes: readonly Scope[]): readonly Scope[] {
  const actions = new Map<string, Set<string>>()
  for (const scope of scopes) {
    const known = actions.get(scope.resource) ?? new Set()
    for (const action of scope.actions) known.add(action)
    actions.set(scope.resource, known)
  }
  return [...actions].map(([resource, all]) => ({ resource, actions: all.has('*') ? ['*'] : [...all] }))
}

/** Whether `granted` allows all that `wanted` names. */
export function coversScopes(granted: readonly Scope[], wanted: readonly Scope[]): boolean {
  return wanted.every((want) => {
    const have = granted.find((scope) => scope.resource === want.resource)?.actions ?? []
    return have.includes('*') || want.actions.every((action) => have.includes(action))
  })
}
