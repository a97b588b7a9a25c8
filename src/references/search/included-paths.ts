import ignore, { type Ignore } from 'ignore'

/** Up to the fourth wildcard; more in one pattern could take for ever, and the beginning includes what the whole would. */
const manyWildcards = /^((?:[^*]*\*+){3}[^*]*)\*+[^*]+\*.*$/s

/** Paths of a project that are looked at though git ignores them. */
export class IncludedPaths {
  readonly #patterns: Ignore
  /** What paths begin with that match: `deploy/` for `deploy/*.yaml`; empty where it may be anything. */
  readonly #beginnings: readonly string[]

  /** @param patterns As `.gitignore` writes them: `deploy/*.yaml`, `*.generated.yaml`. */
  constructor(patterns: readonly string[]) {
    this.#patterns = ignore().add(patterns.map((pattern) => pattern.replace(manyWildcards, '$1**')))
    this.#beginnings = patterns.map(beginningOf)
  }

  has(file: string): boolean {
    return this.#patterns.ignores(file)
  }

  /** Whether a folder may hold some of them. */
  mayBeWithin(folder: string): boolean {
    const path = `${folder}/`
    return this.#beginnings.some((beginning) => path.startsWith(beginning) || beginning.startsWith(path))
  }
}

/** A pattern with a slash in front of its end begins at the root; any other may match everywhere. */
function beginningOf(pattern: string): string {
  if (!/\/./.test(pattern)) return ''
  const literal = /^\/?([^*?[\\!]*)/.exec(pattern)?.[1] ?? ''
  return literal === pattern.replace(/^\//, '') ? literal : literal.slice(0, literal.lastIndexOf('/') + 1)
}
