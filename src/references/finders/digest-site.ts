import type { EditSite } from '../occurrence.ts'
import { filledScalar } from '../yaml/navigate.ts'
import type { ScalarOccurrences } from '../yaml/scalar-occurrence.ts'
import type { TextRange, YamlMap, YamlScalar } from '../yaml/yaml-node.ts'

/** How a map says which image it means. */
export interface DigestFields {
  /** The keys that a digest is put behind where there is none: the first that is there. */
  readonly keys: readonly string[]
  readonly tagKey: string
  readonly make: ScalarOccurrences
  /** The text of the file. */
  readonly source: string
}

/** How the `digest` of a map is written: its value, or a line of its own behind another key. */
export function digestSite(map: YamlMap, { keys, tagKey, make, source }: DigestFields): EditSite {
  const file = make.file
  const tagScalar = filledScalar(map.entries.get(tagKey)?.value)
  const tag = tagScalar?.verbatim === undefined ? undefined : make.range(tagScalar.verbatim)
  const digest = map.entries.get('digest')
  if (digest !== undefined) {
    if (digest.value.kind !== 'scalar') return cannot('its digest is no text')
    const { verbatim, style, start, text } = digest.value
    if (verbatim === undefined || style === 'block') return cannot('its digest is broken by escapes or lines')
    if (style === 'plain' && text === '')
      return {
        kind: 'fields',
        file,
        tag,
        insert: { at: make.range(colonOf(source, start)), before: ' ', after: '' },
      }
    return { kind: 'fields', file, tag, digest: make.range(verbatim) }
  }
  const key = keys.find((one) => map.entries.get(one)?.isOwn === true)
  const entry = key === undefined ? undefined : map.entries.get(key)
  if (entry?.value.kind !== 'scalar') return cannot('there is no place for a digest')
  return insertBehind(map, entry.keyStart, entry.value)

  function insertBehind({ isFlow }: YamlMap, keyStart: number, value: YamlScalar): EditSite {
    const lineStart = source.lastIndexOf('\n', keyStart - 1) + 1
    if (value.verbatim === undefined || value.style === 'block' || value.start < lineStart)
      return cannot('there is no plain line that a digest could be put behind')
    if (isFlow) {
      const at = make.range({ start: value.end, end: value.end })
      return { kind: 'fields', file, tag, insert: { at, before: ', digest: ', after: '' } }
    }
    if (value.start > endOfLine(source, keyStart)) return cannot('its value is on a line of its own')
    const end = endOfLine(source, value.end)
    const newline =
      source.startsWith('\r\n', end) || (source[end] === undefined && source.includes('\r\n')) ? '\r\n' : '\n'
    const before = `${newline}${' '.repeat(keyStart - lineStart)}digest: `
    return { kind: 'fields', file, tag, insert: { at: make.range({ start: end, end }), before, after: '' } }
  }
}

/** Where the line that holds an offset ends, its line break not counted. */
function endOfLine(source: string, offset: number): number {
  const feed = source.indexOf('\n', offset)
  if (feed < 0) return source.length
  return source[feed - 1] === '\r' ? feed - 1 : feed
}

/** The place behind the colon of a key that has no value. */
function colonOf(source: string, valueStart: number): TextRange {
  const colon = source.lastIndexOf(':', valueStart) + 1
  return { start: colon, end: colon }
}

function cannot(reason: string): EditSite {
  return { kind: 'none', reason }
}
