import type { Plugin } from 'rolldown'
import { parseSync, Visitor } from 'rolldown/utils'

/**
 * Lets a bundle load Node's own modules when they are first used, not when it starts: `node:tls` alone takes 5 ms.
 * Where a chunk says `let node_tls = require("node:tls")` it then has a function that requires it, and every use calls
 * the function. Loading them has no effect that anyone could see, so the order does not matter.
 */
export function lazyBuiltins(): Plugin {
  return {
    name: 'lazy-builtins',
    renderChunk: (code) => ({ code: makeBuiltinsLazy(code), map: null }),
  }
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The code of a CommonJS chunk with its top-level `require("node:…")` made lazy. */
export function makeBuiltinsLazy(code: string): string {
  const { program, errors } = parseSync('chunk.cjs', code, { sourceType: 'script' })
  if (errors[0] !== undefined) throw new SyntaxError(`Cannot parse a chunk: ${errors[0].message}`)
  const edits: Edit[] = []
  const names = new Set<string>()
  const declared = new Set<object>()
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration') continue
    const [declarator] = statement.declarations
    if (statement.declarations.length !== 1 || declarator === undefined) continue
    const { id, init } = declarator
    if (id.type !== 'Identifier' || init === null) continue
    const source = code.slice(init.start, init.end)
    if (!/^(?:__toESM\()?require\(["'`]node:[a-z_/]+["'`]\)(?:, ?1)?\)?$/.test(source)) continue
    const { name } = id
    names.add(name)
    declared.add(id)
    const text = `let ${name}$loaded;function ${name}(){return ${name}$loaded??=${source}}`
    edits.push({ start: statement.start, end: statement.end, text })
  }
  new Visitor({
    MemberExpression(node) {
      if (!node.computed) declared.add(node.property)
    },
    Property(node) {
      if (!node.computed && !node.shorthand) declared.add(node.key)
    },
    Identifier(node) {
      if (names.has(node.name) && !declared.has(node)) {
        edits.push({ start: node.start, end: node.end, text: `(${node.name}())` })
      }
    },
  }).visit(program)
  return applyEdits(code, edits)
}

function applyEdits(code: string, edits: readonly Edit[]): string {
  const parts: string[] = []
  let position = 0
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(code.slice(position, start), text)
    position = end
  }
  return parts.join('') + code.slice(position)
}
