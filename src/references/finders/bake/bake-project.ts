import type { BakeFile } from './bake-file.ts'
import type { Body, Expression } from './hcl.ts'

/** An expression and the file that it stands in. */
export interface Located {
  readonly file: BakeFile
  readonly expression: Expression
}

/** A `target` as one file says it. */
export interface TargetPart {
  readonly file: BakeFile
  readonly attributes: ReadonlyMap<string, Expression>
}

/** Bake files that are read together: what stands in a later one goes before. */
export interface BakeProject {
  /** The defaults of variables, and top-level attributes; undefined for a variable without a default. */
  readonly variables: ReadonlyMap<string, Located | undefined>
  readonly targets: ReadonlyMap<string, readonly TargetPart[]>
  readonly files: readonly BakeFile[]
}

/** Puts Bake files together. */
export function mergeBakeFiles(files: readonly BakeFile[]): BakeProject {
  const variables = new Map<string, Located | undefined>()
  const targets = new Map<string, TargetPart[]>()
  for (const file of files) {
    for (const { name, value } of file.body.attributes) variables.set(name, { file, expression: value })
    for (const { type, labels, body } of file.body.blocks) {
      const name = labels[0] ?? ''
      if (type === 'variable') {
        const found = attributesOf(body).get('default')
        if (found !== undefined) variables.set(name, { file, expression: found })
        else if (!variables.has(name)) variables.set(name, undefined)
      }
      if (type === 'target') {
        const parts = targets.get(name) ?? []
        parts.push({ file, attributes: attributesOf(body) })
        targets.set(name, parts)
      }
    }
  }
  return { variables, targets, files }
}

function attributesOf(body: Body): ReadonlyMap<string, Expression> {
  return new Map(body.attributes.map(({ name, value }) => [name, value]))
}
