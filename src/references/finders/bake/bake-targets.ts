import type { BakeFile } from './bake-file.ts'
import type { BakeProject } from './bake-project.ts'
import type { BakeValue } from './bake-value.ts'
import { textOf } from './bake-value.ts'
import type { Evaluator } from './evaluate.ts'
import type { Expression } from './hcl.ts'

/** A value of a target, where it is said. */
export interface Setting {
  readonly file: BakeFile
  readonly expression: Expression
  /** `target.app.args.VERSION`; of the target that says it, not of one that inherits. */
  readonly path: string
  readonly value: BakeValue
}

/** What a target is built with, what it inherits included; for each combination of a `matrix` one. */
export interface BakeTarget {
  readonly args: ReadonlyMap<string, Setting>
  readonly contexts: ReadonlyMap<string, Setting>
  readonly context: Setting | undefined
  readonly dockerfile: Setting | undefined
  readonly inline: Setting | undefined
}

/** How many combinations of a matrix are read. */
const mostCombinations = 256

/** How deep targets inherit. */
const deepestInheritance = 50

const noTarget: BakeTarget = {
  args: new Map(),
  contexts: new Map(),
  context: undefined,
  dockerfile: undefined,
  inline: undefined,
}

/** The targets of Bake files, put together one after the other: with what they inherit, they may be large. */
export function* readTargets(project: BakeProject, evaluator: Evaluator): Generator<BakeTarget> {
  const reader = new TargetReader(project, evaluator)
  for (const name of project.targets.keys()) yield* reader.read(name)
}

/** Puts targets together from their parts and those that they inherit from. */
class TargetReader {
  readonly #project: BakeProject
  readonly #evaluator: Evaluator
  readonly #inherited = new Map<string, BakeTarget>()
  readonly #inProgress = new Set<string>()

  constructor(project: BakeProject, evaluator: Evaluator) {
    this.#project = project
    this.#evaluator = evaluator
  }

  *read(name: string): Generator<BakeTarget> {
    for (const local of this.#combinations(name)) yield this.#readWith(name, local)
  }

  #readWith(name: string, local: ReadonlyMap<string, BakeValue>): BakeTarget {
    let target = this.#readParents(name, local)
    for (const { file, attributes } of this.#project.targets.get(name) ?? []) {
      const evaluate = (expression: Expression): BakeValue =>
        this.#evaluator.evaluate(expression, file, local)
      const setting = (key: string, expression: Expression): Setting => ({
        file,
        expression,
        path: `target.${name}.${key}`,
        value: evaluate(expression),
      })
      const one = (key: string): Setting | undefined => {
        const expression = attributes.get(key)
        return expression === undefined ? undefined : setting(key, expression)
      }
      const many = (key: string): readonly (readonly [string, Setting])[] => {
        const expression = attributes.get(key)
        if (expression === undefined) return []
        if (expression.kind !== 'object') return settingsOf(setting(key, expression))
        return expression.entries.flatMap((entry) =>
          entry.key === undefined ? [] : [[entry.key, setting(`${key}.${entry.key}`, entry.value)] as const],
        )
      }
      target = {
        args: new Map([...target.args, ...many('args')]),
        contexts: new Map([...target.contexts, ...many('contexts')]),
        context: one('context') ?? target.context,
        dockerfile: one('dockerfile') ?? target.dockerfile,
        inline: one('dockerfile-inline') ?? target.inline,
      }
    }
    return target
  }

  #readParents(name: string, local: ReadonlyMap<string, BakeValue>): BakeTarget {
    let target = noTarget
    for (const parent of this.#parentNames(name, local)) {
      const inherited = this.#readInherited(parent)
      target = {
        args: new Map([...target.args, ...inherited.args]),
        contexts: new Map([...target.contexts, ...inherited.contexts]),
        context: inherited.context ?? target.context,
        dockerfile: inherited.dockerfile ?? target.dockerfile,
        inline: inherited.inline ?? target.inline,
      }
    }
    return target
  }

  #readInherited(name: string): BakeTarget {
    const known = this.#inherited.get(name)
    if (known !== undefined) return known
    // Bake refuses targets that inherit from themselves.
    if (this.#inProgress.has(name) || this.#inProgress.size > deepestInheritance) return noTarget
    this.#inProgress.add(name)
    const target = this.#readWith(name, new Map())
    this.#inProgress.delete(name)
    this.#inherited.set(name, target)
    return target
  }

  #parentNames(name: string, local: ReadonlyMap<string, BakeValue>): readonly string[] {
    return (this.#project.targets.get(name) ?? []).flatMap(({ file, attributes }) => {
      const inherits = attributes.get('inherits')
      if (inherits === undefined) return []
      const value = this.#evaluator.evaluate(inherits, file, local)
      return value.kind === 'list'
        ? value.items.flatMap((item) => (item.kind === 'string' ? [textOf(item)] : []))
        : []
    })
  }

  /** What the names of a target's `matrix` stand for: every combination; one without names where there is no matrix. */
  #combinations(name: string): readonly ReadonlyMap<string, BakeValue>[] {
    let combinations: readonly ReadonlyMap<string, BakeValue>[] = [new Map()]
    for (const { file, attributes } of this.#project.targets.get(name) ?? []) {
      const matrix = attributes.get('matrix')
      if (matrix === undefined) continue
      const value = this.#evaluator.evaluate(matrix, file, new Map())
      if (value.kind !== 'object') continue
      for (const [key, values] of value.entries) {
        if (values.kind !== 'list' || combinations.length * values.items.length > mostCombinations) continue
        combinations = combinations.flatMap((combination) =>
          values.items.map((item) => new Map([...combination, [key, item]])),
        )
      }
    }
    return combinations
  }
}

/** The settings of a map that is written elsewhere; one alone where it is not known what it holds. */
function settingsOf(map: Setting): readonly (readonly [string, Setting])[] {
  const { value, path } = map
  if (value.kind !== 'object') return [['', map]]
  return [...value.entries].map(([key, entry]) => [key, { ...map, path: `${path}.${key}`, value: entry }])
}
