import { readParserDirective } from './parser/parser-directive.ts'
import { type SourceText, SourceTextBuilder } from './parser/source-text.ts'
import { type SourceLine, splitLines } from './parser/source-lines.ts'

/** The image that reads a file, as BuildKit finds it. */
export interface DetectedSyntax {
  readonly image: SourceText
  /** Whether it stands as Dockerfiles have it, behind `#`; behind `//` or in JSON the file is another language. */
  readonly isDockerfile: boolean
}

/**
 * The image that `# syntax=` names, or `// syntax=`, or the field `syntax` of a JSON object. A first line `#!` is passed over.
 * What follows a blank is for the image. Unlike other directives, it may not be indented.
 */
export function detectSyntax(text: string): DetectedSyntax | undefined {
  const all = splitLines(text, text.startsWith('\uFEFF') ? 1 : 0)
  const lines = all[0]?.content.startsWith('#!') === true ? all.slice(1) : all
  const image = fromDirectives(lines, '#')
  if (image !== undefined) return { image, isDockerfile: true }
  const other = fromDirectives(lines, '//') ?? fromJson(text, lines)
  return other === undefined ? undefined : { image: other, isDockerfile: false }
}

function fromDirectives(lines: readonly SourceLine[], comment: string): SourceText | undefined {
  for (const line of lines) {
    if (!line.content.startsWith(comment)) return undefined
    const behind = line.content.slice(comment.length)
    const start = line.start + comment.length - 1
    const directive = readParserDirective({ start, content: `#${behind}`, end: line.end })
    if (directive === undefined) return undefined
    if (directive.name === 'syntax') return firstWord(directive.value)
  }
  return undefined
}

function firstWord(value: SourceText): SourceText {
  const blank = value.text.indexOf(' ')
  return blank < 0 ? value : value.slice(0, blank)
}

function fromJson(text: string, lines: readonly SourceLine[]): SourceText | undefined {
  const from = lines[0]?.start ?? text.length
  if (!/^\s*\{/.test(text.slice(from, from + 100))) return undefined
  const syntax = fieldOfJson(text.slice(from), 'syntax')
  if (syntax === undefined) return undefined
  const builder = new SourceTextBuilder(from)
  const written = JSON.stringify(syntax)
  const at = text.search(/"syntax"\s*:/)
  const place = text.indexOf(written, at)
  builder.add(place < 0 ? from : place + 1, syntax)
  return builder.build()
}

function fieldOfJson(json: string, field: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value !== 'object' || value === null) return undefined
    const found: unknown = new Map(Object.entries(value)).get(field)
    return typeof found === 'string' ? found : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
