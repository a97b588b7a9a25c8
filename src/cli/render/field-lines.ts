import { safeText } from './safe-text.ts'
import type { Style } from './style.ts'
import { textWidth } from './text-width.ts'
import { wrapText } from './wrap-text.ts'

/** A name with its values, each on a line of its own. */
export interface Field {
  readonly label: string
  readonly values: readonly string[]
}

/** How to lay fields out. */
export interface FieldLinesOptions {
  readonly style: Style
  /** Columns of the terminal; undefined: lines are as long as their values. */
  readonly width?: number | undefined
}

const indent = '  '
const gap = '  '
/** `org.opencontainers.image.documentation` has 38. */
const widestLabel = 40
/** Below this a value beside its label would be a column of crumbs. */
const narrowestValue = 24

/**
 * The lines of fields: dim labels, values behind them, wrapped under themselves. Where the label is too long, or a word
 * of a value fits only without it, the values stand below. Fields without values are left out. Labels and values may come from anywhere: they are made safe here.
 */
export function fieldLines(fields: readonly Field[], { style, width }: FieldLinesOptions): string[] {
  const shown = fields
    .filter(({ values }) => values.length > 0)
    .map(({ label, values }) => ({ label: safeText(label), values: values.map((value) => safeText(value)) }))
  const widths = shown.map(({ label }) => textWidth(label)).filter((columns) => columns <= widestLabel)
  const column = Math.max(0, ...widths)
  const rest = width === undefined ? Infinity : width - indent.length - gap.length - column
  return shown.flatMap(({ label, values }) => {
    const below = width === undefined ? Infinity : width - indent.length - gap.length
    const longest = Math.max(...values.flatMap((value) => value.split(' ').map((word) => textWidth(word))))
    const wouldBreak = longest > rest && longest <= below
    const isBeside = textWidth(label) <= column && rest >= narrowestValue && !wouldBreak
    const hanging = isBeside ? ' '.repeat(column) : gap
    const columns = isBeside ? rest : below
    const lines = values
      .flatMap((value) => wrapText(value, columns))
      .map((value) => `${indent}${hanging}${isBeside ? gap : ''}${value}`)
    const [first = '', ...others] = lines
    if (!isBeside) return [`${indent}${style.dim(label)}`, ...lines]
    return [`${indent}${style.dim(label)}${first.slice(indent.length + textWidth(label))}`, ...others]
  })
}
