import type { SourceLine } from './source-lines.ts'
import { SourceTextBuilder } from './source-text.ts'
import type { DirectiveName, ParserDirective } from './syntax-tree.ts'
import { endWithoutWhite, skipWhite } from './white-space.ts'

const directivePattern = /^#[\t\n\f\r ]*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=/

/** Reads a line as a parser directive; undefined where it is none, after which no other may come. */
export function readParserDirective(line: SourceLine): ParserDirective | undefined {
  const from = skipWhite(line.content)
  const trimmed = line.content.slice(from)
  const match = directivePattern.exec(trimmed)
  const name = directiveName(match?.[1]?.toLowerCase())
  if (match === null || name === undefined) return undefined
  const start = skipWhite(trimmed, match[0].length)
  const value = trimmed.slice(start, endWithoutWhite(trimmed))
  if (value === '') return undefined
  const builder = new SourceTextBuilder(line.start + from + start)
  builder.add(line.start + from + start, value)
  return { kind: 'directive', start: line.start, end: line.end, name, value: builder.build() }
}

function directiveName(name: string | undefined): DirectiveName | undefined {
  return name === 'check' || name === 'escape' || name === 'syntax' ? name : undefined
}
