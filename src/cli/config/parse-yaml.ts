import { type BaseIssue, type GenericSchema, safeParse } from 'valibot'
import { type Document, isNode, LineCounter, parseDocument, visit } from 'yaml'
import { ConfigError } from './config-error.ts'

/** What {@link parseYaml} holds a file against. */
export interface YamlForm<T> {
  /** Refuses keys that it does not know. */
  readonly schema: GenericSchema<unknown, T>
  /** Where its keys are described. */
  readonly hint: string
}

/**
 * Reads the text of a YAML file that has a schema; an empty file is an empty object.
 *
 * @throws {ConfigError} naming the line.
 */
export function parseYaml<T>(text: string, file: string, { schema, hint }: YamlForm<T>): T {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [syntaxError] = document.errors
  if (syntaxError !== undefined) {
    throw new ConfigError(
      file,
      `line ${lines.linePos(syntaxError.pos[0]).line}: ${syntaxError.message}`,
      hint,
    )
  }
  const alias = findAlias(document)
  if (alias !== undefined) {
    throw new ConfigError(
      file,
      `line ${lines.linePos(alias.start).line}: *${alias.source} is an alias in YAML, which has no use here`,
      `Quote a text that begins with *: '*${alias.source}'`,
    )
  }
  const value: unknown = document.toJS() ?? {}
  if (Array.isArray(value)) {
    throw new ConfigError(file, 'line 1: the document: expected keys with their values, found a list', hint)
  }
  const result = safeParse(schema, value)
  if (result.success) return result.output

  const { issue, path } = deepestIssue(result.issues[0])
  throw new ConfigError(
    file,
    `line ${lineOf(path)}: ${path.join('.') || 'the document'}: ${problemOf(issue)}`,
    hint,
  )

  function lineOf(keys: readonly unknown[]): number {
    for (let length = keys.length; length > 0; length -= 1) {
      const node: unknown = document.getIn(keys.slice(0, length), true)
      if (isNode(node) && node.range !== null && node.range !== undefined)
        return lines.linePos(node.range[0]).line
    }
    return 1
  }
}

/**
 * The first alias. None is taken: aliases could make a small file huge, and a pattern that begins with `*` and is not
 * quoted is one to YAML.
 */
function findAlias(document: Document): { readonly source: string; readonly start: number } | undefined {
  let found: { readonly source: string; readonly start: number } | undefined
  visit(document, {
    Alias(_key, { source, range }) {
      found = { source, start: range?.[0] ?? 0 }
      return visit.BREAK
    },
  })
  return found
}

/** Of a value that may have several forms the issue of the form that went furthest: it says what is wrong where, and not that no form fits. */
function deepestIssue(issue: BaseIssue<unknown>): {
  readonly issue: BaseIssue<unknown>
  readonly path: readonly unknown[]
} {
  const path = (issue.path ?? []).map(({ key }) => key)
  const [deepest] = (issue.issues ?? [])
    .map((one) => deepestIssue(one))
    .filter((one) => one.path.length > 0 || one.issue.kind === 'validation')
    .toSorted((a, b) => b.path.length - a.path.length)
  if (deepest === undefined) return { issue, path }
  return { issue: deepest.issue, path: [...path, ...deepest.path] }
}

function problemOf(issue: BaseIssue<unknown>): string {
  if (issue.kind === 'schema' && issue.expected === 'never') return 'there is no such key'
  if (issue.kind === 'schema' && issue.received === 'undefined') return 'it is missing'
  // A check says what it wants in its own words; what valibot itself writes begins so.
  if (!issue.message.startsWith('Invalid ')) return issue.message
  return `expected ${issue.expected ?? 'something else'}, found ${issue.received}`
}
