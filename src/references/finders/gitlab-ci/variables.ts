import type { Origin } from '../../occurrence.ts'
import { childOf, childrenOf, filledScalar } from '../../yaml/navigate.ts'
import type { ScalarOccurrences } from '../../yaml/scalar-occurrence.ts'
import type { YamlNode, YamlScalar } from '../../yaml/yaml-node.ts'

/** A variable that a file gives a value. */
export interface Variable {
  readonly origin: Origin
  /** The value as it is written. */
  readonly scalar: YamlScalar
}

/** By name. */
export type Variables = ReadonlyMap<string, Variable>

/** Adds the `variables:` of a file or a job to those that hold there already. */
export function readVariables(
  node: YamlNode | undefined,
  above: Variables,
  make: ScalarOccurrences,
): Variables {
  const all = new Map(above)
  for (const [name, value] of childrenOf(node)) {
    const scalar = filledScalar(value) ?? filledScalar(childOf(value, 'value'))
    if (scalar === undefined) continue
    const at = { file: make.file, range: make.rangeOf(scalar) }
    all.set(name, { scalar, origin: { name, value: scalar.text, at } })
  }
  return all
}

/** A text with its variables replaced. */
export interface Expanded {
  readonly text: string
  readonly missing: readonly string[]
  readonly used: readonly Variable[]
}

/** How deep values may name other variables, and how long a text may get. */
const deepest = 10
const longest = 4096

/** Replaces `$NAME` and `${NAME}`, also in values; GitLab leaves `$$NAME` as `$NAME`, which no image name holds. */
export function expandVariables(text: string, variables: Variables): Expanded {
  const missing = new Set<string>()
  const used = new Set<Variable>()
  let expanded = text
  for (let depth = 0; depth < deepest && expanded.includes('$') && expanded.length < longest; depth += 1) {
    expanded = expanded.replaceAll(/\$(?:(\w+)|\{(\w+)\})/g, (_, bare?: string, braced?: string) => {
      const name = bare ?? braced ?? ''
      const variable = variables.get(name)
      if (variable === undefined) missing.add(name)
      else used.add(variable)
      return variable?.origin.value ?? ''
    })
  }
  return { text: expanded, missing: [...missing], used: [...used] }
}

/** Whether a variable stands, wherever the file names it, for a whole image: else a digest in its value would break something. */
export function isOnlyImage(name: string, source: string): boolean {
  const anywhere = new RegExp(`\\$\\{?${name}\\b`, 'g')
  const whole = new RegExp(
    `(?:\\bimage:|\\bname:|-)[ \\t]*["']?\\$(?:${name}|\\{${name}\\})["']?[ \\t\\r]*(?:[ \\t]#.*)?$`,
    'gm',
  )
  return [...source.matchAll(anywhere)].length === [...source.matchAll(whole)].length
}
