import { type SourceText, SourceTextBuilder } from './source-text.ts'
import type { Flag } from './syntax-tree.ts'
import { isWhite, skipWhite } from './white-space.ts'

/**
 * Takes the words that begin with `--` from the beginning of an instruction's arguments. A word `--` ends them. Quotes keep
 * blanks and are taken away, and so is a backslash in front of a character, whatever `# escape=` says.
 */
export function splitFlags(source: SourceText): {
  readonly flags: readonly Flag[]
  readonly rest: SourceText
} {
  const flags: Flag[] = []
  let at = skipWhite(source.text)
  while (source.text.startsWith('--', at)) {
    const word = readWord(source, at)
    at = skipWhite(source.text, word.end)
    if (word.value.text === '--') break
    flags.push(readFlag(word.value))
  }
  return { flags, rest: source.slice(at) }
}

function readFlag(word: SourceText): Flag {
  const equals = word.text.indexOf('=')
  return equals < 0
    ? { name: word.text.slice(2), value: undefined }
    : { name: word.text.slice(2, equals), value: word.slice(equals + 1) }
}

function readWord(source: SourceText, from: number): { readonly value: SourceText; readonly end: number } {
  const { text } = source
  const builder = new SourceTextBuilder(source.slice(from, from).start)
  let quote: string | undefined
  let at = from
  for (; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (quote === undefined && isWhite(character)) break
    if (quote === undefined && (character === '"' || character === "'")) {
      quote = character
    } else if (character === quote) {
      quote = undefined
    } else {
      if (character === '\\') at += 1
      if (at < text.length) builder.addPart(source, at, at + 1)
    }
  }
  return { value: builder.build(), end: Math.min(at, text.length) }
}
