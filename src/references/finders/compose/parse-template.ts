/** A text with variables, read as compose does. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'variable'
      readonly name: string
      /** `-` (default), `?` (error), `+` (alternative), with a colon where an empty value counts as none. */
      readonly operator: '' | '-' | ':-' | '?' | ':?' | '+' | ':+'
      readonly word: readonly TemplatePart[]
      /** Where the word stands in the text. */
      readonly wordStart: number
      readonly wordEnd: number
    }

/** How deep variables may stand in each other's defaults. */
const deepest = 20

/**
 * Reads `$NAME`, `${NAME}`, `${NAME:-default}` and their kin; `$$` is a dollar sign. Undefined where the text is none of what
 * compose reads. The Compose specification, "Interpolation".
 */
export function parseTemplate(text: string): readonly TemplatePart[] | undefined {
  const reader = new TemplateReader(text)
  const parts = reader.read(0)
  return reader.at === text.length ? parts : undefined
}

class TemplateReader {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Reads up to the end, or up to the brace that ends what is `depth` deep. */
  read(depth: number): readonly TemplatePart[] | undefined {
    const parts: TemplatePart[] = []
    while (this.at < this.#text.length) {
      if (depth > 0 && this.#text[this.at] === '}') return parts
      const part = this.#text[this.at] === '$' ? this.#readDollar(depth) : this.#readText(depth)
      if (part === undefined) return undefined
      parts.push(part)
    }
    return parts
  }

  #readText(depth: number): TemplatePart {
    const start = this.at
    const ends = depth > 0 ? /[$}]/g : /\$/g
    ends.lastIndex = start
    this.at = ends.exec(this.#text)?.index ?? this.#text.length
    return { kind: 'text', text: this.#text.slice(start, this.at) }
  }

  #readDollar(depth: number): TemplatePart | undefined {
    const match = this.#match(/\$(?:\$|(\w+)|\{(\w+)(:?[-?+]|(?=\})))/y)
    if (match === undefined) return undefined
    const [whole, bare, braced, operator = ''] = match
    if (whole === '$$') return { kind: 'text', text: '$' }
    const wordStart = this.at
    if (bare !== undefined)
      return { kind: 'variable', name: bare, operator: '', word: [], wordStart, wordEnd: wordStart }
    if (depth >= deepest || braced === undefined || !isOperator(operator)) return undefined
    const word = this.read(depth + 1)
    const wordEnd = this.at
    if (word === undefined || this.#text[this.at] !== '}') return undefined
    this.at += 1
    return { kind: 'variable', name: braced, operator, word, wordStart, wordEnd }
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.#text)
    if (match === null) return undefined
    this.at = pattern.lastIndex
    return match
  }
}

function isOperator(text: string): text is '' | '-' | ':-' | '?' | ':?' | '+' | ':+' {
  return /^(?::?[-?+])?$/.test(text)
}
