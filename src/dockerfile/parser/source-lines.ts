/** A line of a file; offsets in UTF-16 units. */
export interface SourceLine {
  readonly start: number
  /** The line without its end. */
  readonly content: string
  /** The offset behind the line's end. */
  readonly end: number
}

/** Lines end with `\n`; every `\r` in front of it belongs to the end. A `\r` alone ends nothing. */
export function splitLines(text: string, from: number): readonly SourceLine[] {
  const lines: SourceLine[] = []
  let start = from
  while (start < text.length) {
    const feed = text.indexOf('\n', start)
    const end = feed < 0 ? text.length : feed + 1
    lines.push({ start, content: withoutLineEnd(text.slice(start, end)), end })
    start = end
  }
  return lines
}

function withoutLineEnd(line: string): string {
  let end = line.length
  while (end > 0 && (line[end - 1] === '\n' || line[end - 1] === '\r')) end -= 1
  return line.slice(0, end)
}
