import type { HeredocMarker } from './heredoc-markers.ts'
import type { SourceLine } from './source-lines.ts'
import type { Heredoc } from './syntax-tree.ts'

/** The heredocs of an instruction with their bodies. */
export interface HeredocBodies {
  readonly heredocs: readonly Heredoc[]
  /** The number of the line behind the last. */
  readonly next: number
  /** The one that nothing ends; what follows is then its body. */
  readonly unclosed: HeredocMarker | undefined
}

/** Reads the lines of heredocs, one after the other, from number `first` on. */
export function readHeredocBodies(
  lines: readonly SourceLine[],
  first: number,
  markers: readonly HeredocMarker[],
): HeredocBodies {
  const heredocs: Heredoc[] = []
  let next = first
  for (const marker of markers) {
    const start = lines[next]?.start ?? lines.at(-1)?.end ?? 0
    const last = lastLine(lines, next, marker)
    if (last === undefined) return { heredocs, next: lines.length, unclosed: marker }
    heredocs.push({ ...marker, body: { start, end: lines[last]?.start ?? start } })
    next = last + 1
  }
  return { heredocs, next, unclosed: undefined }
}

/** The number of the line that ends a heredoc. */
function lastLine(lines: readonly SourceLine[], first: number, marker: HeredocMarker): number | undefined {
  for (let number = first; number < lines.length; number += 1) {
    if (endsHeredoc(lines[number]?.content ?? '', marker)) return number
  }
  return undefined
}

function endsHeredoc(content: string, marker: HeredocMarker): boolean {
  return (marker.stripsTabs ? content.replace(/^\t+/, '') : content) === marker.name
}
