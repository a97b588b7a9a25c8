import { InvalidWordError } from '../errors.ts'
import { type SourceText, SourceTextBuilder } from '../parser/source-text.ts'
import type { EscapeCharacter } from '../parser/syntax-tree.ts'
import type { Operation, VariablePart, Word, WordPart } from './word.ts'

/** How deep `${A:-${B:-…}}` may go. */
const deepestNesting = 32

/**
 * Reads the variables, quotes and escapes of a word, by the rules of BuildKit's `shell.Lex`.
 *
 * @throws {InvalidWordError} an open quote or brace, an operator that there is not, more than 32 braces in each other.
 */
export function parseWord(source: SourceText, escape: EscapeCharacter): Word {
  return new WordParser(source, escape).parse()
}

/** Reads one word from its beginning to its end. */
class WordParser {
  readonly #source: SourceText
  readonly #text: string
  readonly #escape: EscapeCharacter
  #at = 0
  #depth = 0

  constructor(source: SourceText, escape: EscapeCharacter) {
    this.#source = source
    this.#text = source.text
    this.#escape = escape
  }

  parse(): Word {
    return this.#readUntil(undefined, false)
  }

  /**
   * Reads up to the character `stop`, or to the end.
   *
   * @param keepsEscapes leaves escapes as they are: in patterns they are the pattern's
   */
  #readUntil(stop: string | undefined, keepsEscapes: boolean): Word {
    const start = this.#at
    const parts = new PartList(this.#source)
    for (;;) {
      const character = this.#text.charAt(this.#at)
      if (character === '') {
        if (stop !== undefined) throw this.#problem(`"${stop}" is missing`)
        return { source: this.#source.slice(start), parts: parts.finish(this.#at) }
      }
      if (character === stop) {
        const end = this.#at
        this.#at += 1
        return { source: this.#source.slice(start, end), parts: parts.finish(end) }
      }
      if (character === "'") this.#readSingleQuoted(parts)
      else if (character === '"') this.#readDoubleQuoted(parts)
      else if (character === '$') this.#readDollar(parts)
      else if (character === this.#escape) this.#readEscaped(parts, keepsEscapes)
      else this.#readPlain(parts, stop)
    }
  }

  /** Reads characters that mean themselves. */
  #readPlain(parts: PartList, stop: string | undefined): void {
    const start = this.#at
    const special = `'"$${this.#escape}${stop ?? ''}`
    while (this.#at < this.#text.length && !special.includes(this.#text.charAt(this.#at))) this.#at += 1
    parts.addText(start, this.#at)
  }

  #readEscaped(parts: PartList, keepsEscapes: boolean): void {
    if (keepsEscapes) parts.addText(this.#at, this.#at + 1)
    this.#at += 1
    // An escape at the end of a word is left out.
    if (this.#at >= this.#text.length) return
    parts.addText(this.#at, this.#at + 1)
    this.#at += 1
  }

  #readSingleQuoted(parts: PartList): void {
    const end = this.#text.indexOf("'", this.#at + 1)
    if (end < 0) throw this.#problem("the quote ' is not closed")
    parts.addText(this.#at + 1, end)
    this.#at = end + 1
  }

  #readDoubleQuoted(parts: PartList): void {
    this.#at += 1
    parts.addText(this.#at, this.#at)
    for (;;) {
      const character = this.#text.charAt(this.#at)
      if (character === '') throw this.#problem('the quote " is not closed')
      if (character === '"') break
      if (character === '$') {
        this.#readDollar(parts)
        continue
      }
      const next = this.#text.charAt(this.#at + 1)
      if (character === this.#escape && (next === '"' || next === '$' || next === this.#escape)) this.#at += 1
      parts.addText(this.#at, this.#at + 1)
      this.#at += 1
    }
    this.#at += 1
  }

  #readDollar(parts: PartList): void {
    const start = this.#at
    this.#at += 1
    if (this.#text.charAt(this.#at) === '{') {
      parts.addVariable(this.#readBraces())
      return
    }
    const name = this.#readName()
    // A dollar in front of anything else is one.
    if (name === '') parts.addText(start, start + 1)
    else parts.addVariable({ kind: 'variable', name, operation: undefined })
  }

  #readBraces(): VariablePart {
    this.#depth += 1
    if (this.#depth > deepestNesting) throw this.#problem(`more than ${deepestNesting} "\${" in each other`)
    this.#at += 1
    const name = this.#readName()
    if (name === '')
      throw this.#problem(this.#at < this.#text.length ? 'no name after "${"' : '"}" is missing')
    const operation = this.#readOperation(name)
    this.#depth -= 1
    return { kind: 'variable', name, operation }
  }

  #readOperation(name: string): Operation | undefined {
    let operator = this.#take()
    if (operator === '}') return undefined
    if (operator === '') throw this.#problem('"}" is missing')
    const emptyIsUnset = operator === ':'
    if (emptyIsUnset) operator = this.#take()
    switch (operator) {
      case '-':
      case '+':
      case '?':
        return { kind: operator, emptyIsUnset, word: this.#readUntil('}', false) }
      case '#':
      case '%': {
        if (emptyIsUnset) break
        const isLongest = this.#takeIf(operator)
        return { kind: operator, isLongest, pattern: this.#readUntil('}', true) }
      }
      case '/': {
        if (emptyIsUnset) break
        const isEvery = this.#takeIf('/')
        const pattern = this.#readUntil('/', true)
        return { kind: '/', isEvery, pattern, replacement: this.#readUntil('}', true) }
      }
    }
    const shown = `${emptyIsUnset ? ':' : ''}${operator}`
    throw this.#problem(`"\${${name}${shown}" has no operator that Dockerfiles know`)
  }

  /** A name, a run of digits, or one of the shell's special parameters; empty where there is none. */
  #readName(): string {
    const match = /[0-9]+|[@*#?\-$!]|[\p{L}_][\p{L}\p{Nd}_]*/uy
    match.lastIndex = this.#at
    const name = match.exec(this.#text)?.[0] ?? ''
    this.#at += name.length
    return name
  }

  #take(): string {
    const character = this.#text.charAt(this.#at)
    this.#at += character.length
    return character
  }

  #takeIf(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false
    this.#at += 1
    return true
  }

  #problem(problem: string): InvalidWordError {
    return new InvalidWordError(this.#text, problem)
  }
}

/** The parts of a word; texts side by side become one. */
class PartList {
  readonly #source: SourceText
  readonly #parts: WordPart[] = []
  #text: SourceTextBuilder | undefined

  constructor(source: SourceText) {
    this.#source = source
  }

  addText(start: number, end: number): void {
    this.#text ??= new SourceTextBuilder(this.#source.slice(start, start).start)
    this.#text.addPart(this.#source, start, end)
  }

  addVariable(part: VariablePart): void {
    this.#flush()
    this.#parts.push(part)
  }

  /** The parts; a word without any has one text without characters, at its place. */
  finish(end: number): readonly WordPart[] {
    if (this.#parts.length === 0 && this.#text === undefined) this.addText(end, end)
    this.#flush()
    return this.#parts
  }

  #flush(): void {
    if (this.#text !== undefined) this.#parts.push({ kind: 'text', text: this.#text.build() })
    this.#text = undefined
  }
}
