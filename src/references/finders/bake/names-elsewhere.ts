import type { BakeProject } from './bake-project.ts'
import type { BakeImage } from './bake-image.ts'
import type { Body, Expression, VariableExpression } from './hcl.ts'

/**
 * The names that stand for an image in one place and for something else in another: with a digest in the value of such a one,
 * a tag or a label that is made of it would be broken.
 */
export function namesUsedElsewhere(project: BakeProject, images: readonly BakeImage[]): ReadonlySet<string> {
  const whole = new Set(images.flatMap(({ pieces }) => pieces.flatMap((piece) => piece.through)))
  const elsewhere = new Set<string>()
  for (const { body } of project.files) {
    for (const variable of variablesOf(body)) {
      if (typeof variable === 'string') elsewhere.add(variable)
      else if (!whole.has(variable)) elsewhere.add(variable.name)
    }
  }
  return elsewhere
}

/** Every variable of a file; those of what is not computed as their names alone. */
function variablesOf(body: Body): readonly (VariableExpression | string)[] {
  const found: (VariableExpression | string)[] = []
  const expressions = body.attributes.map(({ value }) => value)
  const blocks = [...body.blocks]
  for (const block of blocks) {
    for (const { value } of block.body.attributes) expressions.push(value)
    for (const inner of block.body.blocks) blocks.push(inner)
  }
  // Grows while it is gone through.
  for (const expression of expressions) {
    if (expression.kind === 'variable') found.push(expression)
    else if (expression.kind === 'other') for (const name of expression.names) found.push(name)
    else for (const child of childrenOf(expression)) expressions.push(child)
  }
  return found
}

function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'template':
      return expression.parts.filter((part) => part.kind !== 'text')
    case 'list':
      return expression.items
    case 'object':
      return expression.entries.map(({ value }) => value)
    case 'number':
    case 'boolean':
    case 'null':
    case 'variable':
    case 'other':
      return []
  }
}
