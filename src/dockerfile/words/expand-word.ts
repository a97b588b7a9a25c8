import { InvalidWordError } from '../errors.ts'
import { ShellPattern } from './shell-pattern.ts'
import type { Operation, VariablePart, Word } from './word.ts'

/** The longest value that words expand to, in UTF-16 units: variables that double each other would fill the memory. */
const longestValue = 64 * 1024

/** How many characters all words of a file may expand to, and steps patterns may take. */
const mostSteps = 32 * 1024 * 1024

/** What is left of the work that a file may cause: ten lines that name each other would otherwise take for ever. */
export class ExpansionBudget {
  #left: number = mostSteps

  /** Takes `steps` away; false when there were not so many. */
  spend(steps: number): boolean {
    this.#left -= steps
    return this.#left >= 0
  }
}

/** What a name stands for at one place of a Dockerfile. */
export interface Variable {
  readonly name: string
  /** Undefined where it is declared and nothing gives it a value. */
  readonly value: string | undefined
  /** Names without a value that its own value was put together with; BuildKit takes them as empty. */
  readonly missing: ReadonlySet<string>
}

/** Gives what a name stands for; undefined where it stands for nothing. */
export type Lookup<Found extends Variable> = (name: string) => Found | undefined

/** What a word is at one place of a Dockerfile. */
export interface Expansion<Found extends Variable> {
  /** With nothing in the place of what is missing. */
  readonly value: string
  /** Names that the value needs and that nothing gives. */
  readonly missing: ReadonlySet<string>
  /** Whose values it was put together with. */
  readonly used: ReadonlySet<Found>
}

/**
 * Puts the values of variables in, as BuildKit does.
 *
 * @throws {InvalidWordError} `${NAME:?message}` without a value, a wrong pattern, a value beyond 64 KiB, more work
 * than `budget` has.
 */
export function expandWord<Found extends Variable>(
  word: Word,
  lookup: Lookup<Found>,
  budget: ExpansionBudget,
): Expansion<Found> {
  const expander = new Expander(lookup, budget, word.source.text)
  const value = expander.expand(word)
  return { value, missing: expander.missing, used: expander.used }
}

/** Expands one word and notes what it took. */
class Expander<Found extends Variable> {
  readonly missing: Set<string> = new Set()
  readonly used: Set<Found> = new Set()
  readonly #lookup: Lookup<Found>
  readonly #budget: ExpansionBudget
  readonly #whole: string

  constructor(lookup: Lookup<Found>, budget: ExpansionBudget, whole: string) {
    this.#lookup = lookup
    this.#budget = budget
    this.#whole = whole
  }

  expand(word: Word): string {
    let value = ''
    for (const part of word.parts) {
      const text = part.kind === 'text' ? part.text.text : this.#expandVariable(part)
      this.#spend(text.length + 1)
      value += text
      if (value.length > longestValue)
        throw this.#problem(`its value is longer than ${longestValue} characters`)
    }
    return value
  }

  #expandVariable({ name, operation }: VariablePart): string {
    const variable = this.#lookup(name)
    if (operation === undefined) return this.#take(name, variable)
    switch (operation.kind) {
      case '-':
        return hasValue(variable, operation) ? this.#take(name, variable) : this.expand(operation.word)
      case '+':
        if (!hasValue(variable, operation)) return ''
        this.#take(name, variable)
        return this.expand(operation.word)
      case '?': {
        if (hasValue(variable, operation)) return this.#take(name, variable)
        const message = this.expand(operation.word)
        throw this.#problem(`${name} ${message === '' ? 'must have a value' : `has no value: ${message}`}`)
      }
      case '#':
      case '%':
      case '/':
        return this.#match(this.#take(name, variable), operation)
    }
  }

  #match(value: string, operation: Extract<Operation, { readonly pattern: Word }>): string {
    const text = this.expand(operation.pattern)
    this.#spend((value.length + 1) * (text.length + 1))
    const pattern = new ShellPattern(text)
    switch (operation.kind) {
      case '#':
        return pattern.withoutPrefix(value, operation.isLongest)
      case '%':
        return pattern.withoutSuffix(value, operation.isLongest)
      case '/':
        return pattern.replace(value, this.expand(operation.replacement), operation.isEvery)
    }
  }

  #take(name: string, variable: Found | undefined): string {
    if (variable?.value === undefined) {
      this.missing.add(name)
      return ''
    }
    this.used.add(variable)
    for (const one of variable.missing) this.missing.add(one)
    return variable.value
  }

  #spend(steps: number): void {
    if (!this.#budget.spend(steps))
      throw this.#problem('the variables of this file multiply beyond all measure')
  }

  #problem(problem: string): InvalidWordError {
    return new InvalidWordError(this.#whole, problem)
  }
}

function hasValue(variable: Variable | undefined, operation: { readonly emptyIsUnset: boolean }): boolean {
  return variable?.value !== undefined && !(operation.emptyIsUnset && variable.value === '')
}
