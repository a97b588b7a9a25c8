import type { Scalar } from 'yaml'
import type { TextRange, YamlScalar } from './yaml-node.ts'

/** Reads a scalar of `source`, the whole text of the file, with the characters it is written with. */
export function readScalar(scalar: Scalar, source: string): YamlScalar {
  const [start, end] = scalar.range ?? [0, 0]
  const text = scalar.source ?? ''
  const raw = source.slice(start, end)
  const style = styleOf(scalar)
  return { kind: 'scalar', text, start, end, style, verbatim: verbatimRange({ text, raw, start, style }) }
}

function styleOf({ type }: Scalar): YamlScalar['style'] {
  if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') return 'quoted'
  return type === 'BLOCK_FOLDED' || type === 'BLOCK_LITERAL' ? 'block' : 'plain'
}

interface WrittenScalar {
  readonly text: string
  /** With its quotes, or the header of a block. */
  readonly raw: string
  readonly start: number
  readonly style: YamlScalar['style']
}

function verbatimRange({ text, raw, start, style }: WrittenScalar): TextRange | undefined {
  const end = start + raw.length
  if (style === 'plain') return raw === text ? { start, end } : undefined
  if (style === 'block') return onlyLine(text, raw, start)
  return raw.length >= 2 && raw.slice(1, -1) === text ? { start: start + 1, end: end - 1 } : undefined
}

/** Where the one line of a block stands; its header comes first, and holds no text. */
function onlyLine(text: string, raw: string, start: number): TextRange | undefined {
  const line = text.trimEnd()
  const body = raw.indexOf('\n') + 1
  const at = raw.indexOf(line, body)
  if (line === '' || body === 0 || at < 0 || /\s/.test(line) || raw.slice(body).trim() !== line)
    return undefined
  return { start: start + at, end: start + at + line.length }
}
