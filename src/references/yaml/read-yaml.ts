import { type Document, LineCounter, parseAllDocuments } from 'yaml'
import { buildTree, YamlTreeError } from './build-tree.ts'
import type { YamlNode } from './yaml-node.ts'

/** The documents of a YAML file, or the first thing that is wrong with it. */
export type YamlFile =
  | { readonly kind: 'read'; readonly documents: readonly YamlNode[] }
  | {
      readonly kind: 'broken'
      readonly line: number
      readonly column: number
      readonly message: string
      readonly hint?: string | undefined
    }

/** Documents of a file that are read; beyond them it is refused. */
const mostDocuments = 10_000

/**
 * Reads the documents of a YAML file (YAML 1.2, with merges). Aliases are followed without copying, so that their expansion
 * costs nothing; empty documents are left out. Never throws for what is in the text.
 */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter()
  const brokenAt = (offset: number, message: string, hint?: string): YamlFile => {
    const { line, col } = lines.linePos(offset)
    return { kind: 'broken', line: Math.max(line, 1), column: Math.max(col, 1), message, hint }
  }
  const documents = parseDocuments(text, lines)
  if (documents === undefined) return brokenAt(0, tooDeep)
  if (documents.length > mostDocuments)
    return brokenAt(0, `it has more than ${mostDocuments} documents`, 'Split the file.')
  const trees: YamlNode[] = []
  for (const document of documents) {
    const [error] = document.errors
    if (error !== undefined)
      return brokenAt(error.pos[0], sentence(error.message), hintFor(error.code, error.message))
    try {
      const tree = buildTree(document, text)
      if (tree !== undefined) trees.push(tree)
    } catch (problem) {
      if (!(problem instanceof YamlTreeError)) throw problem
      return brokenAt(problem.offset, problem.message, problem.hint)
    }
  }
  return { kind: 'read', documents: trees }
}

/** Undefined where the parser, which calls itself for each level of nesting, exhausted the stack. */
function parseDocuments(text: string, lineCounter: LineCounter): readonly Document[] | undefined {
  try {
    const parsed = parseAllDocuments(text, {
      lineCounter,
      prettyErrors: false,
      logLevel: 'silent',
      schema: 'failsafe',
      // Its own check compares each key with each other one.
      uniqueKeys: false,
    })
    return 'empty' in parsed ? [] : parsed
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return undefined
  }
}

const tooDeep = 'it is nested too deeply'

/** The message of the parser, fit to stand behind "Cannot read FILE: ". */
function sentence(message: string): string {
  const [first = ''] = message.split('\n')
  if (/call stack/.test(first)) return tooDeep
  const text = first.replace(/[.:]+$/, '').trim()
  return `it is not valid YAML: ${text.charAt(0).toLowerCase()}${text.slice(1)}`
}

function hintFor(code: string, message: string): string | undefined {
  if (/call stack/.test(message)) return undefined
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'YAML is indented with blanks: put blanks in place of the tab.'
    case 'BAD_INDENT':
      return 'Give the entries of one map or list the same indentation.'
    case 'MISSING_CHAR':
      return /quote/i.test(message) ? 'Close the quotes.' : undefined
    default:
      return 'Put quotes around a value that has ": ", " #", or a special character at its start.'
  }
}
