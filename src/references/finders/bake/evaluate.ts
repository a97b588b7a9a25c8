import type { BakeFile } from './bake-file.ts'
import type { BakeProject } from './bake-project.ts'
import {
  type BakeValue,
  type Piece,
  type StringValue,
  textOf,
  type UnknownValue,
  type VariableUse,
} from './bake-value.ts'
import type { Expression, TemplateExpression, TemplateText, VariableExpression } from './hcl.ts'
import { isVerbatim } from './parse-hcl.ts'

/** Of what a string may consist at most. */
const mostPieces = 2000
const longestString = 1024 * 1024

/** Computes the expressions of Bake files; variables have their defaults. */
export class Evaluator {
  readonly #project: BakeProject
  readonly #variables = new Map<string, BakeValue>()
  readonly #inProgress = new Set<string>()

  constructor(project: BakeProject) {
    this.#project = project
  }

  /** @param local what stands for names before variables do: the values of a `matrix` */
  evaluate(expression: Expression, file: BakeFile, local: ReadonlyMap<string, BakeValue>): BakeValue {
    const inner = (one: Expression): BakeValue => this.evaluate(one, file, local)
    switch (expression.kind) {
      case 'template':
        return this.#template(expression, file, local)
      case 'number':
      case 'boolean':
        return { kind: 'string', pieces: [{ text: expression.text, through: [] }], uses: [] }
      case 'null':
        return { kind: 'null' }
      case 'variable':
        return this.#variable(expression, local)
      case 'list':
        return { kind: 'list', items: expression.items.map(inner) }
      case 'object':
        return {
          kind: 'object',
          entries: new Map(
            expression.entries.flatMap(({ key, value }) =>
              key === undefined ? [] : [[key, inner(value)] as const],
            ),
          ),
        }
      case 'other':
        return unknown(`${expression.what} computes it`)
    }
  }

  #template(template: TemplateExpression, file: BakeFile, local: ReadonlyMap<string, BakeValue>): BakeValue {
    const pieces: Piece[] = []
    const uses: VariableUse[] = []
    let length = 0
    for (const part of template.parts) {
      const value = part.kind === 'text' ? textValue(part, file) : this.evaluate(part, file, local)
      if (value.kind !== 'string') {
        const prefix =
          pieces.map(({ text }) => text).join('') + (value.kind === 'unknown' ? value.prefix : '')
        return {
          ...(value.kind === 'unknown' ? value : unknown('it is put together with no string')),
          prefix,
        }
      }
      pieces.push(...value.pieces)
      uses.push(...value.uses)
      length += textOf(value).length
      if (pieces.length > mostPieces || uses.length > mostPieces || length > longestString)
        return unknown('it is put together from too much')
    }
    return { kind: 'string', pieces, uses }
  }

  #variable(expression: VariableExpression, local: ReadonlyMap<string, BakeValue>): BakeValue {
    const { name, path } = expression
    let value = local.get(name)
    if (value === undefined) {
      if (path.length > 0) return unknown(`${[name, ...path].join('.')} is not followed`)
      return through(this.#global(name), expression)
    }
    for (const step of path) {
      value = value?.kind === 'object' ? value.entries.get(step) : undefined
    }
    return value === undefined
      ? unknown(`there is no ${[name, ...path].join('.')}`)
      : through(value, expression)
  }

  /** A variable by its default. */
  #global(name: string): BakeValue {
    const known = this.#variables.get(name)
    if (known !== undefined) return known
    const located = this.#project.variables.get(name)
    if (located === undefined) {
      return unknown(
        this.#project.variables.has(name)
          ? `the variable ${name} has no default`
          : `there is no variable ${name}`,
      )
    }
    if (this.#inProgress.has(name)) return unknown(`the variable ${name} needs itself`)
    if (this.#inProgress.size > 100) return unknown('too many variables need each other')
    this.#inProgress.add(name)
    const { file, expression } = located
    const value = this.evaluate(expression, file, new Map())
    this.#inProgress.delete(name)
    const noted = value.kind === 'string' ? withUse(value, name, located) : value
    this.#variables.set(name, noted)
    return noted
  }
}

function withUse(
  value: StringValue,
  name: string,
  { file, expression }: { readonly file: BakeFile; readonly expression: Expression },
): StringValue {
  const { start, end } = expression
  return { ...value, uses: [{ name, value: textOf(value), at: { file, start, end } }, ...value.uses] }
}

/** Notes in the pieces of a string that they came through a name. */
function through(value: BakeValue, expression: VariableExpression): BakeValue {
  if (value.kind !== 'string') return value
  return {
    ...value,
    pieces: value.pieces.map((piece) => ({ ...piece, through: [...piece.through, expression] })),
  }
}

function textValue(part: TemplateText, file: BakeFile): StringValue {
  const { text, start, end } = part
  const at = isVerbatim(part) ? { file, start, end } : undefined
  return { kind: 'string', pieces: [{ text, at, through: [] }], uses: [] }
}

function unknown(reason: string): UnknownValue {
  return { kind: 'unknown', reason, prefix: '' }
}
