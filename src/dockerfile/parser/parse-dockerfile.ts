import { DockerfileTooLargeError } from '../errors.ts'
import { readHeredocBodies } from './heredoc-bodies.ts'
import { findHeredocMarkers } from './heredoc-markers.ts'
import { isBlank, isComment, readLogicalLine } from './logical-line.ts'
import { parseInstruction } from './parse-instruction.ts'
import { readParserDirective } from './parser-directive.ts'
import { type SourceLine, splitLines } from './source-lines.ts'
import type {
  DirectiveName,
  Dockerfile,
  DockerfileNode,
  DockerfileProblem,
  EscapeCharacter,
  Instruction,
  ParserDirective,
} from './syntax-tree.ts'

/** The largest Dockerfile that is read, in bytes. */
const maxDockerfileBytes = 2 * 1024 * 1024

/** How many problems of a file are told. */
const mostProblems = 100

/**
 * Reads a Dockerfile by BuildKit's rules. What BuildKit would refuse is in `problems`, and the rest of the file is read all
 * the same; behind a heredoc that is not closed there is no rest.
 *
 * @throws {DockerfileTooLargeError} more than 2 MiB.
 */
export function parseDockerfile(text: string): Dockerfile {
  const bytes = Buffer.byteLength(text)
  if (bytes > maxDockerfileBytes) throw new DockerfileTooLargeError(bytes, maxDockerfileBytes)
  return new DockerfileParser(text).parse()
}

/** Goes through the lines of one file. */
class DockerfileParser {
  readonly #text: string
  readonly #lines: readonly SourceLine[]
  readonly #nodes: DockerfileNode[] = []
  readonly #problems: DockerfileProblem[] = []
  #escape: EscapeCharacter = '\\'

  constructor(text: string) {
    this.#text = text
    const from = text.startsWith('\uFEFF') ? 1 : 0
    if (from === 1) this.#nodes.push({ kind: 'byte-order-mark', start: 0, end: 1 })
    this.#lines = splitLines(text, from)
  }

  parse(): Dockerfile {
    let number = this.#readDirectives()
    while (number < this.#lines.length) number = this.#readNode(number)
    const instructions = this.#nodes.filter((node): node is Instruction => node.kind === 'instruction')
    return {
      text: this.#text,
      nodes: this.#nodes,
      instructions,
      escape: this.#escape,
      problems: this.#problems.toSorted((a, b) => a.offset - b.offset),
    }
  }

  /** Reads the parser directives above everything else; gives the number of the line behind them. */
  #readDirectives(): number {
    const seen = new Set<DirectiveName>()
    for (const [number, line] of this.#lines.entries()) {
      const directive = readParserDirective(line)
      if (directive === undefined) return number
      if (seen.has(directive.name)) {
        this.#report(line.start, `there is more than one parser directive "${directive.name}"`, 'Leave one.')
      } else if (directive.name === 'escape') this.#setEscape(directive)
      seen.add(directive.name)
      this.#nodes.push(directive)
    }
    return this.#lines.length
  }

  #setEscape({ value }: ParserDirective): void {
    if (value.text === '\\' || value.text === '`') this.#escape = value.text
    else {
      this.#report(
        value.start,
        `the escape character is \\ or \`, not ${JSON.stringify(value.text.slice(0, 40))}`,
      )
    }
  }

  /** Reads what begins in line `number`; gives the number of the line behind it. */
  #readNode(number: number): number {
    const line = this.#lines[number]
    if (line === undefined) return this.#lines.length
    const { start, end } = line
    if (isComment(line.content)) this.#nodes.push({ kind: 'comment', start, end })
    else if (isBlank(line.content)) this.#nodes.push({ kind: 'blank', start, end })
    else return this.#readInstruction(number, start)
    return number + 1
  }

  #readInstruction(number: number, start: number): number {
    const { source, next } = readLogicalLine(this.#lines, number, this.#escape)
    if (isBlank(source.text)) {
      this.#nodes.push({ kind: 'blank', start, end: this.#endOf(next) })
      return next
    }
    const body = parseInstruction(source, (offset, message, hint) => {
      this.#report(offset, message, hint)
    })
    const markers = mayHoldHeredocs(body) ? findHeredocMarkers(source) : []
    const { heredocs, next: after, unclosed } = readHeredocBodies(this.#lines, next, markers)
    if (unclosed !== undefined) {
      this.#report(
        unclosed.marker.start,
        `the heredoc ${unclosed.marker.text.slice(0, 80)} is not closed`,
        `Put a line behind its text that holds ${unclosed.name.slice(0, 80)} and nothing else.`,
      )
    }
    this.#nodes.push({ ...body, heredocs, start, end: this.#endOf(after) })
    return after
  }

  /** The offset behind the line in front of `next`. */
  #endOf(next: number): number {
    return this.#lines[next - 1]?.end ?? this.#text.length
  }

  #report(offset: number, message: string, hint?: string): void {
    if (this.#problems.length >= mostProblems) return
    const { line, column } = this.#placeOf(offset)
    this.#problems.push({ offset, line, column, message, hint })
  }

  #placeOf(offset: number): { readonly line: number; readonly column: number } {
    let low = 0
    let high = this.#lines.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#lines[middle]?.start ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#lines[low]?.start ?? 0) + 1 }
  }
}

/** `RUN`, `COPY` and `ADD` in the shell form, and these behind `ONBUILD`. */
function mayHoldHeredocs({ name, list, trigger }: Pick<Instruction, 'name' | 'list' | 'trigger'>): boolean {
  if (name === 'ONBUILD') return trigger !== undefined && mayHoldHeredocs(trigger)
  return list === undefined && (name === 'RUN' || name === 'COPY' || name === 'ADD')
}
