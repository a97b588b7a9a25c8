import type { SourceLine } from './source-lines.ts'
import { type SourceText, SourceTextBuilder } from './source-text.ts'
import type { EscapeCharacter } from './syntax-tree.ts'
import { skipWhite } from './white-space.ts'

/** An instruction's lines as one. */
export interface LogicalLine {
  readonly source: SourceText
  /** The number of the line behind the last. */
  readonly next: number
}

/** Says whether a line is a comment: `#` is the first character that is not white space. */
export function isComment(content: string): boolean {
  return content.charAt(skipWhite(content)) === '#'
}

/** Says whether a line holds nothing but white space. */
export function isBlank(content: string): boolean {
  return skipWhite(content) === content.length
}

/**
 * Joins the lines of an instruction, from number `first`. The escape character at the end of a line, blanks behind it or not,
 * continues it, unless another stands in front of it. Comments and blank lines in between are left out.
 */
export function readLogicalLine(
  lines: readonly SourceLine[],
  first: number,
  escape: EscapeCharacter,
): LogicalLine {
  const opening = lines[first]
  const anchor = opening === undefined ? 0 : opening.start + skipWhite(opening.content)
  const builder = new SourceTextBuilder(anchor)
  let next = first
  for (; next < lines.length; next += 1) {
    const line = lines[next]
    if (line === undefined) break
    if (next > first && (isComment(line.content) || isBlank(line.content))) continue
    const from = next === first ? skipWhite(line.content) : 0
    const end = continuedEnd(line.content.slice(from), escape)
    builder.add(line.start + from, line.content.slice(from, end === undefined ? undefined : from + end))
    if (end === undefined) {
      next += 1
      break
    }
  }
  return { source: builder.build(), next }
}

/** Where a line that is continued ends; undefined where it is not. */
function continuedEnd(content: string, escape: EscapeCharacter): number | undefined {
  let end = content.length
  while (end > 0 && (content[end - 1] === ' ' || content[end - 1] === '\t')) end -= 1
  return content[end - 1] === escape && content[end - 2] !== escape ? end - 1 : undefined
}
