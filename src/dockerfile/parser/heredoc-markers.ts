import { InvalidWordError } from '../errors.ts'
import { parseWord } from '../words/parse-word.ts'
import type { SourceText } from './source-text.ts'
import { splitWords } from './split-words.ts'

/** `<<EOF` in an instruction's line. */
export interface HeredocMarker {
  readonly marker: SourceText
  readonly name: string
  readonly stripsTabs: boolean
  readonly isExpanded: boolean
}

/**
 * The heredocs that a line opens, in their order. Backslash escapes here, whatever `# escape=` says. A line with an open quote
 * or a `${` that is none opens no heredoc, as for BuildKit.
 */
export function findHeredocMarkers(line: SourceText): readonly HeredocMarker[] {
  if (!line.text.includes('<<') || !isReadable(line)) return []
  return splitWords(line, '\\').flatMap((word) => {
    const marker = readMarker(word)
    return marker === undefined ? [] : [marker]
  })
}

function readMarker(marker: SourceText): HeredocMarker | undefined {
  const match = /^\d*<<(-?)([^<]+)$/.exec(marker.text)
  const written = match?.[2]
  if (written === undefined) return undefined
  const name = nameOf(written)
  return name === ''
    ? undefined
    : { marker, name, stripsTabs: match?.[1] === '-', isExpanded: !/["']/.test(written) }
}

/** The name without its quotes. A variable in it stays as it is written. */
function nameOf(written: string): string {
  return written.replaceAll(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
    (_, single, double, escaped) =>
      [single, double, escaped].find((part): part is string => typeof part === 'string') ?? '',
  )
}

function isReadable(line: SourceText): boolean {
  try {
    parseWord(line, '\\')
    return true
  } catch (error) {
    if (error instanceof InvalidWordError) return false
    throw error
  }
}
