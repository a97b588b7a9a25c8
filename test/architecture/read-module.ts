import { parseSync, Visitor } from 'rolldown/utils'

/** One import of a module, by whichever syntax: `import`, `export … from`, `import()`, `import type`, `require()`. */
export interface ModuleImport {
  readonly specifier: string
  /** Nothing is left of it at run time. */
  readonly typeOnly: boolean
}

/** What matters of one TypeScript file for the rules of the house. */
export interface ModuleFacts {
  readonly imports: readonly ModuleImport[]
  /** Which of `process` and `console` it touches as globals. */
  readonly globals: readonly string[]
  /** Imports whose target is computed, so that nobody can say what it is. */
  readonly computedImports: number
}

const watchedGlobals = new Set(['process', 'console'])

/**
 * Reads a TypeScript file by its syntax tree.
 *
 * @throws {SyntaxError} when it cannot be parsed: a file that cannot be read must not pass.
 */
export function readModule(path: string, source: string): ModuleFacts {
  const { program, errors } = parseSync(path, source)
  if (errors[0] !== undefined) throw new SyntaxError(`Cannot parse ${path}: ${errors[0].message}`)
  const imports: ModuleImport[] = []
  const globals = new Set<string>()
  const names = new Set<object>()
  let computedImports = 0
  new Visitor({
    ImportDeclaration(node) {
      const all = node.specifiers.every(
        (each) => each.type === 'ImportSpecifier' && each.importKind === 'type',
      )
      const typeOnly = node.importKind === 'type' || (all && node.specifiers.length > 0)
      imports.push({ specifier: node.source.value, typeOnly })
    },
    ExportAllDeclaration(node) {
      imports.push({ specifier: node.source.value, typeOnly: node.exportKind === 'type' })
    },
    ExportNamedDeclaration(node) {
      if (node.source === null) return
      const all = node.specifiers.every((each) => each.exportKind === 'type')
      const typeOnly = node.exportKind === 'type' || (all && node.specifiers.length > 0)
      imports.push({ specifier: node.source.value, typeOnly })
    },
    ImportExpression(node) {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string')
        imports.push({ specifier: node.source.value, typeOnly: false })
      else computedImports++
    },
    TSImportType(node) {
      imports.push({ specifier: node.source.value, typeOnly: true })
    },
    CallExpression(node) {
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'require') return
      const [target] = node.arguments
      if (target?.type === 'Literal' && typeof target.value === 'string')
        imports.push({ specifier: target.value, typeOnly: false })
      else computedImports++
    },
    MemberExpression(node) {
      if (node.computed || node.property.type !== 'Identifier') return
      names.add(node.property)
      const ofGlobal = node.object.type === 'Identifier' && node.object.name === 'globalThis'
      if (ofGlobal && watchedGlobals.has(node.property.name)) globals.add(node.property.name)
    },
    Property(node) {
      if (!node.computed && !node.shorthand) names.add(node.key)
    },
    PropertyDefinition(node) {
      if (!node.computed) names.add(node.key)
    },
    MethodDefinition(node) {
      if (!node.computed) names.add(node.key)
    },
    TSPropertySignature(node) {
      if (!node.computed) names.add(node.key)
    },
    TSMethodSignature(node) {
      if (!node.computed) names.add(node.key)
    },
    Identifier(node) {
      if (watchedGlobals.has(node.name) && !names.has(node)) globals.add(node.name)
    },
  }).visit(program)
  return { imports, globals: [...globals], computedImports }
}
