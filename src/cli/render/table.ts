import type { Style } from './style.ts'
import { cutToWidth, textWidth } from './text-width.ts'

/** A column of a table. */
export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** The column that gives way when the terminal is too narrow; at most one. */
  readonly shrinks?: boolean
}

/** How to lay a table out. */
export interface TableOptions {
  readonly style: Style
  /** Columns of the terminal; undefined: nothing is cut. */
  readonly width?: number | undefined
}

const gap = '  '
const narrowest = 12

/** The lines of a table: a dim heading, aligned columns, no trailing blanks. Cells may hold escapes of a {@link Style}. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string[] {
  const widths = columns.map((column, index) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? '')), textWidth(column.title)),
  )
  shrink(columns, widths, options.width)
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => padCell(cells[index] ?? '', widths[index] ?? 0, column.align ?? 'left'))
      .join(gap)
      .trimEnd()
  const heading = line(columns.map((column) => column.title))
  return [options.style.dim(heading), ...rows.map((row) => line(row))]
}

function shrink(columns: readonly Column[], widths: number[], width: number | undefined): void {
  if (width === undefined) return
  const all = widths.reduce((sum, one) => sum + one, gap.length * (columns.length - 1))
  const index = columns.findIndex((column) => column.shrinks === true)
  const own = widths[index]
  if (all <= width || own === undefined) return
  widths[index] = Math.max(Math.min(own, narrowest), own - (all - width))
}

function padCell(text: string, width: number, align: 'left' | 'right'): string {
  const shown = cutToWidth(text, width)
  const padding = ' '.repeat(Math.max(0, width - textWidth(shown)))
  return align === 'right' ? padding + shown : shown + padding
}
