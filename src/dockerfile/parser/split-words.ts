import type { SourceText } from './source-text.ts'
import type { EscapeCharacter } from './syntax-tree.ts'
import { isWhite, skipWhite } from './white-space.ts'

/** Splits at white space, whatever quotes say: the arguments of `FROM`, `COPY` and `ADD`. */
export function splitAtWhite(source: SourceText): readonly SourceText[] {
  return [...source.text.matchAll(/[^\t\v\f\r ]+/g)].map((match) =>
    source.slice(match.index, match.index + match[0].length),
  )
}

/** Splits at white space outside of quotes, which stay, as escapes do: the arguments of `ARG`, `ENV` and `LABEL`. */
export function splitWords(source: SourceText, escape: EscapeCharacter): readonly SourceText[] {
  const { text } = source
  const words: SourceText[] = []
  let at = skipWhite(text)
  while (at < text.length) {
    const end = wordEnd(text, at, escape)
    words.push(source.slice(at, end))
    at = skipWhite(text, end)
  }
  return words
}

function wordEnd(text: string, from: number, escape: EscapeCharacter): number {
  let quote: string | undefined
  let at = from
  for (; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (quote === undefined && isWhite(character)) return at
    if (character === escape && quote !== "'") at += 1
    else if (quote === undefined && (character === '"' || character === "'")) quote = character
    else if (character === quote) quote = undefined
  }
  return Math.min(at, text.length)
}
