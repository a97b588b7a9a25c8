/** One line of the table. */
export interface Row {
  /** What was done. */
  readonly work: string
  /** What was measured: `time`, `CPU`, `memory`, `requests` … */
  readonly measure: string
  /** Lading's own figure, with its unit. */
  readonly lading: string
  readonly peer: string
  /** The peer's figure; empty where there is no peer. */
  readonly theirs: string
  /** How they compare: `0.83 (0.78–0.91)`, Lading divided by the peer. */
  readonly ratio: string
  /** What was aimed for, and whether it was reached. */
  readonly goal: string
}

const titles: Row = {
  work: 'work',
  measure: 'measure',
  lading: 'Lading',
  peer: 'against',
  theirs: 'theirs',
  ratio: 'ratio (spread)',
  goal: 'goal',
}

/** Rows as a Markdown table whose columns line up. */
export function formatTable(rows: readonly Row[]): string {
  const cells = [titles, ...rows].map((row) => [
    row.work,
    row.measure,
    row.lading,
    row.peer,
    row.theirs,
    row.ratio,
    row.goal,
  ])
  const widths = titleWidths(cells)
  const lines = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  )
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

function titleWidths(cells: readonly (readonly string[])[]): readonly number[] {
  return Object.keys(titles).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
}

/** Milliseconds as a person reads them. */
export function formatTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
}

/** Bytes in MB (1,000,000). */
export function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
