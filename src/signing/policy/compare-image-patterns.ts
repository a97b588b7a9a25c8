import type { ImagePattern } from './image-pattern.ts'

/**
 * The order of patterns, the most specific first; it is total, and 0 only for patterns that mean the same. In turn: the longer
 * text before the first wildcard of the name, fewer `**`, fewer `*`, more text around them; an exact tag, a pattern of tags by the
 * same measures, no tag; the text.
 */
export function compareImagePatterns(a: ImagePattern, b: ImagePattern): number {
  return (
    compareGlobs(a.name, b.name) ||
    compareTags(a.tag, b.tag) ||
    compareText(`${a.name}:${a.tag ?? ''}`, `${b.name}:${b.tag ?? ''}`)
  )
}

function compareTags(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return Number(a.includes('*')) - Number(b.includes('*')) || compareGlobs(a, b)
}

function compareGlobs(a: string, b: string): number {
  const [left, right] = [measuresOf(a), measuresOf(b)]
  return (
    left.map((measure, place) => measure - (right[place] ?? 0)).find((difference) => difference !== 0) ?? 0
  )
}

/** Each is smaller the more specific the pattern is. */
function measuresOf(glob: string): readonly number[] {
  const wildcards = glob.match(/\*\*?/g) ?? []
  const first = glob.indexOf('*')
  return [
    -(first < 0 ? glob.length : first),
    wildcards.filter((wildcard) => wildcard === '**').length,
    wildcards.length,
    -glob.replaceAll('*', '').length,
  ]
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
