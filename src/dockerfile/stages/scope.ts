import { InvalidWordError } from '../errors.ts'
import type { SourceText } from '../parser/source-text.ts'
import type { EscapeCharacter } from '../parser/syntax-tree.ts'
import { type ExpansionBudget, expandWord, type Expansion, type Variable } from '../words/expand-word.ts'
import { parseWord } from '../words/parse-word.ts'
import type { Word } from '../words/word.ts'
import type { Assignment } from './assignments.ts'

/** What a name stands for, and where that is said. */
export interface Binding extends Variable {
  readonly kind: 'ARG' | 'ENV' | 'given'
  /** The value as it is written; undefined where there is none, or where it is given from outside. */
  readonly written: Word | undefined
  /** Whose values its own was put together with. */
  readonly used: ReadonlySet<Binding>
  /** Why the value that is written cannot be told; the binding has no value then. */
  readonly problem: string | undefined
}

/** No name stands for a value that misses more names than this; the others are as missing without being named. */
const mostMissing = 16

/** Names that the builder gives a value, by the platforms of the build and its target. */
export const platformArguments: ReadonlySet<string> = new Set([
  'BUILDARCH',
  'BUILDOS',
  'BUILDPLATFORM',
  'BUILDVARIANT',
  'TARGETARCH',
  'TARGETOS',
  'TARGETPLATFORM',
  'TARGETSTAGE',
  'TARGETVARIANT',
])

/** What a scope is made with. */
export interface ScopeOptions {
  readonly escape: EscapeCharacter
  readonly budget: ExpansionBudget
  /** Build arguments given from outside, by name: they count where the Dockerfile declares them. Undefined: its value is not known. */
  readonly given: ReadonlyMap<string, string | undefined>
  /** What is asked for names that this scope does not have: the stage that this one is built on. */
  readonly parent?: Scope | undefined
  /** Values of names that nobody has to declare; those of {@link platformArguments} where the platform is known. */
  readonly builtIn?: ReadonlyMap<string, string> | undefined
  /** The arguments above the first `FROM`, which a stage takes over by declaring them. */
  readonly globals?: Scope | undefined
}

/** The names that have a value at one place of a Dockerfile. `ENV` goes before `ARG`. */
export class Scope {
  readonly #options: ScopeOptions
  readonly #args = new Map<string, Binding>()
  readonly #env = new Map<string, Binding>()

  constructor(options: ScopeOptions) {
    this.#options = options
  }

  /** What a name stands for; undefined where nothing declares it. */
  lookup(name: string): Binding | undefined {
    return this.#environment(name) ?? this.#argument(name) ?? this.#builtIn(name)
  }

  /** Puts values in; {@link expandWord}. */
  expand(word: Word): Expansion<Binding> {
    return expandWord(word, (name) => this.lookup(name), this.#options.budget)
  }

  /** `ARG name` or `ARG name=default`. What is given from outside goes before a default, a default before the global value. */
  declare({ name, value }: Assignment): void {
    const { given } = this.#options
    if (given.has(name)) this.#args.set(name, givenBinding(name, given.get(name)))
    else if (value !== undefined) this.#args.set(name, this.#bind('ARG', name, value))
    else if (this.#builtIn(name) === undefined)
      this.#args.set(name, this.#options.globals?.lookup(name) ?? unsetBinding(name))
  }

  /** `ENV a=1 b=2`: each value is read with what held before the line. */
  setEnvironment(assignments: readonly Assignment[]): void {
    const bindings = assignments.map(({ name, value }) =>
      value === undefined ? unsetBinding(name) : this.#bind('ENV', name, value),
    )
    for (const binding of bindings) this.#env.set(binding.name, binding)
  }

  #environment(name: string): Binding | undefined {
    const own = this.#env.get(name)
    const { parent } = this.#options
    return own === undefined && parent !== undefined ? parent.#environment(name) : own
  }

  #argument(name: string): Binding | undefined {
    const own = this.#args.get(name)
    const { parent } = this.#options
    return own === undefined && parent !== undefined ? parent.#argument(name) : own
  }

  #builtIn(name: string): Binding | undefined {
    const value = this.#options.builtIn?.get(name)
    return value === undefined ? undefined : givenBinding(name, value)
  }

  #bind(kind: 'ARG' | 'ENV', name: string, value: SourceText): Binding {
    try {
      const written = parseWord(value, this.#options.escape)
      const { value: text, missing, used } = this.expand(written)
      return {
        kind,
        name,
        value: text,
        written,
        used,
        missing: new Set([...missing].slice(0, mostMissing)),
        problem: undefined,
      }
    } catch (error) {
      if (!(error instanceof InvalidWordError)) throw error
      return { ...unsetBinding(name), kind, problem: error.problem }
    }
  }
}

function givenBinding(name: string, value: string | undefined): Binding {
  return {
    kind: 'given',
    name,
    value,
    written: undefined,
    used: new Set(),
    missing: new Set(),
    problem: undefined,
  }
}

function unsetBinding(name: string): Binding {
  return {
    kind: 'ARG',
    name,
    value: undefined,
    written: undefined,
    used: new Set(),
    missing: new Set(),
    problem: undefined,
  }
}
