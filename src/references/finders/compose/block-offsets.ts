import type { YamlScalar } from '../../yaml/yaml-node.ts'

/**
 * Tells where the characters of a literal block (`|`) stand in the file. Undefined where they do not stand there as they are: for
 * another style, and where compose replaces variables.
 */
export function blockOffsets(scalar: YamlScalar, source: string): ((offset: number) => number) | undefined {
  const { start, end, text, style, verbatim } = scalar
  if (text.includes('$')) return undefined
  if (verbatim !== undefined) return (offset) => verbatim.start + offset
  if (style !== 'block') return undefined
  const raw = source.slice(start, end)
  const lines = text.split('\n')
  const begins: { readonly offset: number; readonly at: number }[] = []
  let at = raw.indexOf('\n') + 1
  let offset = 0
  for (const line of lines) {
    const newline = raw.indexOf('\n', at)
    const lineEnd = newline < 0 ? raw.length : newline
    const written = raw.slice(at, lineEnd).replace(/\r$/, '')
    if (!written.endsWith(line) || written.slice(0, written.length - line.length).trim() !== '')
      return undefined
    begins.push({ offset, at: start + at + written.length - line.length })
    offset += line.length + 1
    at = lineEnd + 1
  }
  return (wanted) => {
    const begin = begins.findLast((one) => one.offset <= wanted)
    return begin === undefined ? start : begin.at + wanted - begin.offset
  }
}
