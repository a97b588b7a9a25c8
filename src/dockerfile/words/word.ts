import type { SourceText } from '../parser/source-text.ts'

/** A word in which variables are expanded: texts and variables, one after the other. */
export interface Word {
  readonly source: SourceText
  readonly parts: readonly WordPart[]
}

export type WordPart = TextPart | VariablePart

/** Characters as they are meant: without quotes and escapes. */
export interface TextPart {
  readonly kind: 'text'
  readonly text: SourceText
}

/** `$NAME` or `${NAME…}`. */
export interface VariablePart {
  readonly kind: 'variable'
  readonly name: string
  /** What stands behind the name in braces; undefined where nothing does. */
  readonly operation: Operation | undefined
}

/** What `${NAME…}` does with a value. */
export type Operation =
  /** `${NAME:-word}`, `${NAME+word}`, `${NAME:?message}`; with a colon, an empty value counts as none. */
  | {
      readonly kind: '-' | '+' | '?'
      readonly emptyIsUnset: boolean
      readonly word: Word
    }
  /** `${NAME#pattern}`, `${NAME%%pattern}`: takes the shortest or the longest match away, at the beginning or the end. */
  | { readonly kind: '#' | '%'; readonly isLongest: boolean; readonly pattern: Word }
  /** `${NAME/pattern/replacement}`, `${NAME//pattern/replacement}`. */
  | {
      readonly kind: '/'
      readonly isEvery: boolean
      readonly pattern: Word
      readonly replacement: Word
    }

/**
 * The text where nothing has to be expanded and it stands in the file as it is meant, quotes around it apart: what can be
 * replaced in place. Undefined otherwise.
 */
export function literalOf(word: Word): SourceText | undefined {
  const [part] = word.parts
  return word.parts.length === 1 && part?.kind === 'text' && part.text.isContiguous ? part.text : undefined
}
