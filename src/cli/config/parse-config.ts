import { safeParse } from 'valibot'
import { LineCounter, isNode, parseDocument } from 'yaml'
import { ConfigError } from './config-error.ts'
import { type Config, configSchema } from './schema.ts'

/** Reads the text of a configuration file. @throws {ConfigError} naming the line. */
export function parseConfig(text: string, file: string): Config {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [syntaxError] = document.errors
  if (syntaxError !== undefined) {
    throw new ConfigError(file, `line ${lines.linePos(syntaxError.pos[0]).line}: ${syntaxError.message}`)
  }
  // Aliases could make a small file huge; a configuration has no use for them.
  const value: unknown = document.toJS({ maxAliasCount: 100 }) ?? {}
  const result = safeParse(configSchema, value)
  if (result.success) return result.output

  const [issue] = result.issues
  const path = (issue.path ?? []).map(({ key }) => key)
  const isUnknownKey = issue.expected === 'never'
  const place = lineOf(path)
  throw new ConfigError(
    file,
    `line ${place}: ${path.join('.') || 'the document'}: ${isUnknownKey ? 'there is no such key' : `expected ${issue.expected ?? 'something else'}, found ${issue.received}`}`,
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
