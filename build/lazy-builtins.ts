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
  for (const { start, end } of program.body) {
    const [, name, source] = requirement.exec(code.slice(start, end)) ?? []
    if (name === undefined || source === undefined) continue
    names.add(name)
    edits.push({ start, end, text: lazyFunction(name, source) })
  }
  for (const { start, end } of program.body) {
    const [, name, interop, tail] = interoperation.exec(code.slice(start, end)) ?? []
    const declaration = edits.find(({ text }) => text.startsWith(`let ${name}$loaded;`))
    if (name === undefined || declaration === undefined) continue
    const source = requirement.exec(code.slice(declaration.start, declaration.end))?.[2] ?? ''
    edits.splice(edits.indexOf(declaration), 1, {
      ...declaration,
      text: lazyFunction(name, `${interop}(${source}${tail})`),
    })
    edits.push({ start, end, text: '' })
  }
  const settled = new Set<number>()
  const isInside = (position: number): boolean =>
    edits.some(({ start, end }) => start <= position && position < end)
  const uses: Edit[] = []
  new Visitor({
    MemberExpression(node) {
      if (!node.computed) settled.add(node.property.start)
    },
    Property(node) {
      if (!node.computed && !node.shorthand) settled.add(node.key.start)
    },
    Identifier({ name, start, end }) {
      if (names.has(name) && !settled.has(start) && !isInside(start))
        uses.push({ start, end, text: `(${name}())` })
    },
  }).visit(program)
  return applyEdits(code, [...edits, ...uses])
}

/** How rolldown writes an import of a module of Node … */
const requirement = /^let (\w+) = (require\(["'`]node:[a-z_/]+["'`]\));?$/

/** … and, behind it, that it is needed as a default or a namespace. */
const interoperation = /^(\w+) = ([\w.]*__toESM)\(\1((?:, ?1)?)\);?$/

function lazyFunction(name: string, source: string): string {
  return `let ${name}$loaded;function ${name}(){return ${name}$loaded??=${source}}`
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
