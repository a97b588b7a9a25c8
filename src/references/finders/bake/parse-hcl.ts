import { LadingError } from '../../../errors/index.ts'
import type { Block, Body, Expression, ObjectEntry, TemplateExpression, TemplateText } from './hcl.ts'

/** A file is not HCL. */
export class InvalidHclError extends LadingError<'INVALID_HCL'> {
  /** Where, in UTF-16 units. */
  readonly offset: number
  /** As a part of a sentence. */
  readonly problem: string

  constructor(offset: number, problem: string) {
    super('INVALID_HCL', `Cannot read the Bake file: ${problem}`)
    this.offset = offset
    this.problem = problem
  }
}

/** The largest Bake file that is read, in UTF-16 units. */
const maxHclLength = 1024 * 1024

/** How many pieces are read of a file; strings in strings are read more than once. */
const mostPieces = 4 * 1024 * 1024

/** How deep blocks and expressions may stand in each other. */
const deepestNesting = 50

const identifier = /[\p{L}_][\p{L}\p{N}_-]*/uy

/**
 * Reads the part of HCL's native syntax that Bake files use (https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md).
 * An expression that is not computed here is passed over and told as such.
 *
 * @throws {InvalidHclError}
 */
export function parseHcl(text: string): Body {
  return new HclParser(text).parseFile()
}

/**
 * Reads a Bake file in JSON: the object of the file, whose strings are templates as in HCL.
 *
 * @throws {InvalidHclError}
 */
export function parseHclJson(text: string): Expression {
  return new HclParser(text).parseJsonFile()
}

/** Reads one file from its beginning to its end. */
class HclParser {
  readonly #text: string
  #at: number
  #depth = 0
  #pieces = 0

  constructor(text: string) {
    if (text.length > maxHclLength)
      throw new InvalidHclError(0, `it has ${text.length} characters, at most ${maxHclLength} are read`)
    this.#text = text
    this.#at = text.startsWith('\uFEFF') ? 1 : 0
  }

  parseFile(): Body {
    const body = this.#parseBody()
    if (this.#at < this.#text.length) throw this.#problem('"}" stands without "{"')
    return body
  }

  parseJsonFile(): Expression {
    this.#skipBlanks(true)
    const value = this.#parseExpression(true)
    this.#skipBlanks(true)
    if (this.#at < this.#text.length) throw this.#problem('something follows the end of the object')
    return value
  }

  /** Reads attributes and blocks up to a closing brace or the end. */
  #parseBody(): Body {
    const attributes: { readonly name: string; readonly value: Expression }[] = []
    const blocks: Block[] = []
    for (;;) {
      this.#skipBlanks(true)
      const character = this.#peek()
      if (character === '' || character === '}') return { attributes, blocks }
      const start = this.#at
      const name = character === '"' ? this.#parseLabel() : this.#parseIdentifier()
      this.#skipBlanks(false)
      if (this.#peek() === '=' && this.#text[this.#at + 1] !== '=') {
        this.#at += 1
        this.#skipBlanks(false)
        attributes.push({ name, value: this.#parseExpression(false) })
        continue
      }
      blocks.push(this.#parseBlock(start, name))
    }
  }

  #parseBlock(start: number, type: string): Block {
    const labels: string[] = []
    while (this.#peek() !== '{') {
      if (this.#peek() === '' || this.#peek() === '\n')
        throw this.#problem(`"=" or "{" is missing behind ${type}`)
      labels.push(this.#peek() === '"' ? this.#parseLabel() : this.#parseIdentifier())
      this.#skipBlanks(false)
    }
    this.#at += 1
    const body = this.#nested(() => this.#parseBody())
    if (this.#peek() !== '}') throw this.#problem(`the block ${type} is not closed`, start)
    this.#at += 1
    return { type, labels, body, start, end: this.#at }
  }

  #parseLabel(): string {
    const start = this.#at
    const { parts } = this.#parseString()
    const [part] = parts
    if (parts.length > 1 || (part !== undefined && part.kind !== 'text'))
      throw this.#problem('a name is put together', start)
    return part?.text ?? ''
  }

  #parseIdentifier(): string {
    identifier.lastIndex = this.#at
    const name = identifier.exec(this.#text)?.[0]
    if (name === undefined)
      throw this.#problem(`${JSON.stringify(this.#peekWhole())} stands where a name is expected`)
    this.#at += name.length
    return name
  }

  /**
   * Reads an expression.
   *
   * @param spansLines whether it goes on behind the end of a line: between brackets
   */
  #parseExpression(spansLines: boolean): Expression {
    return this.#nested(() => {
      const start = this.#at
      const primary = this.#parsePrimary()
      const end = this.#at
      this.#skipBlanks(spansLines)
      if (primary !== undefined && isExpressionEnd(this.#peek())) {
        // An expression ends where it ends, and not behind the blanks.
        if (!spansLines) this.#at = end
        return primary
      }
      this.#at = start
      return this.#passOver(spansLines)
    })
  }

  /** A value that is computed here; undefined for anything else. */
  #parsePrimary(): Expression | undefined {
    const start = this.#at
    const character = this.#peek()
    if (character === '"') return this.#parseString()
    if (character === '[') return this.#parseList()
    if (character === '{') return this.#parseObject()
    if (this.#text.startsWith('<<', start)) return this.#parseHeredoc()
    const number = this.#match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y)
    if (number !== undefined) return { kind: 'number', text: number, start, end: this.#at }
    const name = this.#match(new RegExp(identifier))
    if (name === undefined) return undefined
    const end = this.#at
    if (name === 'true' || name === 'false') return { kind: 'boolean', text: name, start, end }
    if (name === 'null') return { kind: 'null', text: name, start, end }
    const path: string[] = []
    while (this.#peek() === '.') {
      this.#at += 1
      const step = this.#match(new RegExp(identifier))
      if (step === undefined) return undefined
      path.push(step)
    }
    return { kind: 'variable', name, path, start, end: this.#at }
  }

  #parseList(): Expression | undefined {
    const start = this.#at
    this.#at += 1
    const items: Expression[] = []
    for (;;) {
      this.#skipBlanks(true)
      if (this.#isAt('for')) return undefined
      if (this.#peek() === ']') break
      items.push(this.#parseExpression(true))
      this.#skipBlanks(true)
      if (this.#peek() === '') throw this.#problem('the list is not closed', start)
      if (this.#peek() === ',') this.#at += 1
      else if (this.#peek() !== ']') throw this.#problem('"," or "]" is missing in the list')
    }
    this.#at += 1
    return { kind: 'list', items, start, end: this.#at }
  }

  #parseObject(): Expression | undefined {
    const start = this.#at
    this.#at += 1
    const entries: ObjectEntry[] = []
    for (;;) {
      this.#skipBlanks(true)
      if (this.#isAt('for')) return undefined
      if (this.#peek() === '}') break
      if (this.#peek() === '') throw this.#problem('the object is not closed', start)
      const key = this.#parseKey()
      this.#skipBlanks(true)
      if (this.#peek() !== '=' && this.#peek() !== ':') throw this.#problem('"=" is missing behind a key')
      this.#at += 1
      this.#skipBlanks(true)
      entries.push({ key, value: this.#parseExpression(false) })
      this.#skipBlanks(true)
      if (this.#peek() === ',') this.#at += 1
    }
    this.#at += 1
    return { kind: 'object', entries, start, end: this.#at }
  }

  /** A key; undefined where it is computed. */
  #parseKey(): string | undefined {
    const key = this.#parsePrimary() ?? this.#passOverKey()
    switch (key?.kind) {
      case 'template': {
        const texts = key.parts.map((part) => (part.kind === 'text' ? part.text : undefined))
        return texts.includes(undefined) ? undefined : texts.join('')
      }
      case 'variable':
        return key.path.length === 0 ? key.name : undefined
      case 'number':
      case 'boolean':
      case 'null':
        return key.text
      case 'list':
      case 'object':
      case 'other':
      case undefined:
        return undefined
    }
  }

  #passOverKey(): undefined {
    if (this.#peek() !== '(')
      throw this.#problem(`${JSON.stringify(this.#peekWhole())} stands where a key is expected`)
    this.#passOver(false, '=')
    return undefined
  }

  /** A string in quotes. */
  #parseString(): TemplateExpression {
    const start = this.#at
    this.#at += 1
    const parts = this.#parseTemplate(() => this.#peek() === '"', start)
    this.#at += 1
    return { kind: 'template', parts, start, end: this.#at }
  }

  /** Reads a template up to where it ends; escapes are those of strings in quotes. */
  #parseTemplate(isEnd: () => boolean, start: number): readonly (TemplateText | Expression)[] {
    const parts: (TemplateText | Expression)[] = []
    while (!isEnd()) {
      const character = this.#peek()
      if (character === '' || character === '\n') throw this.#problem('the string is not closed', start)
      if (this.#isInterpolation()) parts.push(this.#parseInterpolation())
      else if (character === '\\') parts.push(this.#parseEscape())
      else addText(parts, this.#parsePlain(/[^"\\\n$%]+|[$%]{1,2}/y))
    }
    return parts
  }

  #parsePlain(pattern: RegExp): TemplateText {
    const start = this.#at
    const text = this.#match(pattern) ?? this.#takeOne()
    // `$${` is a dollar and a brace that mean themselves.
    const isEscaped = (text === '$$' || text === '%%') && this.#peek() === '{'
    if (text.length === 2 && !isEscaped && this.#peek() === '{') this.#at -= 1
    return {
      kind: 'text',
      text: isEscaped ? text.slice(1) : this.#text.slice(start, this.#at),
      start,
      end: this.#at,
    }
  }

  #parseEscape(): TemplateText {
    const start = this.#at
    this.#at += 1
    const code = this.#match(/u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y)
    if (code !== undefined) {
      const point = Number.parseInt(code.slice(1), 16)
      if (point > 0x10_ffff) throw this.#problem('there is no such character', start)
      return { kind: 'text', text: String.fromCodePoint(point), start, end: this.#at }
    }
    const text = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', '"': '"', '\\': '\\', '/': '/' }[
      this.#takeOne()
    ]
    if (text === undefined) throw this.#problem('there is no such escape', start)
    return { kind: 'text', text, start, end: this.#at }
  }

  #isInterpolation(): boolean {
    return this.#text.startsWith('${', this.#at) || this.#text.startsWith('%{', this.#at)
  }

  /** `${…}`; what stands in `%{…}` is passed over. */
  #parseInterpolation(): Expression {
    const start = this.#at
    const isDirective = this.#peek() === '%'
    this.#at += 2
    if (this.#peek() === '~') this.#at += 1
    this.#skipBlanks(true)
    const expression = isDirective ? this.#passOver(true) : this.#parseExpression(true)
    this.#skipBlanks(true)
    if (this.#peek() === '~') this.#at += 1
    if (this.#peek() !== '}') throw this.#problem('"}" is missing', start)
    this.#at += 1
    return isDirective ? { kind: 'other', what: 'a directive', names: [], start, end: this.#at } : expression
  }

  /** `<<EOT` and `<<-EOT`: each line is a text of its own, and the second form takes the common indentation away. */
  #parseHeredoc(): TemplateExpression {
    const start = this.#at
    const opening = this.#match(/<<-?[\p{L}_][\p{L}\p{N}_-]*[ \t]*\r?\n/uy)
    if (opening === undefined) throw this.#problem('a name is missing behind "<<"')
    const name = opening.replace(/^<<-?/, '').trim()
    const lines: (readonly (TemplateText | Expression)[])[] = []
    const indents: number[] = []
    for (;;) {
      if (this.#at >= this.#text.length)
        throw this.#problem(`the heredoc ${opening.trim()} is not closed`, start)
      const feed = this.#text.indexOf('\n', this.#at)
      const line = this.#text.slice(this.#at, feed < 0 ? undefined : feed)
      if (line.trim() === name) {
        this.#at += line.trimEnd().length
        break
      }
      if (line.trim() !== '') indents.push(line.length - line.trimStart().length)
      lines.push(this.#parseHeredocLine(start, opening.trim()))
    }
    const cut = opening.startsWith('<<-') ? indents.reduce((a, b) => Math.min(a, b), Infinity) : 0
    const parts = lines.flatMap((line) => (cut === 0 ? line : withoutIndent(line, cut)))
    return { kind: 'template', parts, start, end: this.#at }
  }

  #parseHeredocLine(start: number, opening: string): readonly (TemplateText | Expression)[] {
    const parts: (TemplateText | Expression)[] = []
    for (;;) {
      if (this.#at >= this.#text.length) throw this.#problem(`the heredoc ${opening} is not closed`, start)
      if (this.#isInterpolation()) {
        parts.push(this.#parseInterpolation())
        continue
      }
      const text = this.#parsePlain(/[^\n$%]+|[$%]{1,2}|\n/y)
      addText(parts, text)
      if (text.text === '\n') return parts
    }
  }

  /** Passes over an expression that is not computed. */
  #passOver(spansLines: boolean, stop?: string): Expression {
    const start = this.#at
    const names: string[] = []
    let what = 'an operator'
    const open: string[] = []
    for (;;) {
      this.#skipBlanks(spansLines || open.length > 0)
      const character = this.#peek()
      if (open.length === 0 && (isExpressionEnd(character) || character === stop)) break
      if (character === '') throw this.#problem('the expression does not end', start)
      if (character === '"') this.#parseString()
      else if (
        this.#text.startsWith('<<', this.#at) &&
        /^<<-?\p{L}/u.test(this.#text.slice(this.#at, this.#at + 4))
      )
        this.#parseHeredoc()
      else if ('([{'.includes(character)) {
        open.push(character)
        this.#at += 1
        if (open.length > deepestNesting) throw this.#problem('brackets stand too deep in each other')
      } else if (')]}'.includes(character)) {
        open.pop()
        this.#at += 1
      } else {
        const name = this.#match(new RegExp(identifier))
        if (name === undefined) this.#takeOne()
        else {
          names.push(name)
          if (name === 'for') what = 'a "for"'
          else if (this.#peek() === '(' && what === 'an operator') what = `the function ${name}`
        }
        if (character === '?') what = 'a condition'
      }
    }
    if (this.#at === start) throw this.#problem('a value is missing')
    return { kind: 'other', what, names, start, end: this.#at }
  }

  #nested<Result>(read: () => Result): Result {
    this.#depth += 1
    if (this.#depth > deepestNesting) throw this.#problem('brackets stand too deep in each other')
    const result = read()
    this.#depth -= 1
    return result
  }

  /** Passes over blanks and comments, and ends of lines. */
  #skipBlanks(spansLines: boolean): void {
    const blank = spansLines
      ? /(?:[ \t\r\n]+|(?:#|\/\/)[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/)+/y
      : /(?:[ \t\r]+|(?:#|\/\/)[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/)+/y
    this.#match(blank)
    if (this.#text.startsWith('/*', this.#at)) throw this.#problem('the comment is not closed')
  }

  #isAt(word: string): boolean {
    return this.#text.startsWith(word, this.#at) && /^\s/.test(this.#text.slice(this.#at + word.length))
  }

  #match(pattern: RegExp): string | undefined {
    this.#countPiece()
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #peek(): string {
    return this.#text.charAt(this.#at)
  }

  #peekWhole(): string {
    return String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0x20)
  }

  #countPiece(): void {
    this.#pieces += 1
    if (this.#pieces > mostPieces) throw this.#problem('strings stand too deep in each other')
  }

  #takeOne(): string {
    this.#countPiece()
    const character = this.#peek()
    this.#at += 1
    return character
  }

  #problem(problem: string, offset = this.#at): InvalidHclError {
    return new InvalidHclError(offset, problem)
  }
}

function isExpressionEnd(character: string): boolean {
  return ['', '\n', ',', ')', ']', '}', '~'].includes(character)
}

/** Adds a text; texts side by side that stand in the file as they are meant become one. */
function addText(parts: (TemplateText | Expression)[], text: TemplateText): void {
  const last = parts.at(-1)
  if (
    last?.kind === 'text' &&
    last.end === text.start &&
    isVerbatim(last) &&
    isVerbatim(text) &&
    text.text !== '\n'
  ) {
    parts[parts.length - 1] = { ...last, text: last.text + text.text, end: text.end }
  } else parts.push(text)
}

/** Says whether a text stands in the file as it is meant. */
export function isVerbatim({ text, start, end }: TemplateText): boolean {
  return text.length === end - start
}

function withoutIndent(
  line: readonly (TemplateText | Expression)[],
  cut: number,
): readonly (TemplateText | Expression)[] {
  const [first, ...others] = line
  if (first?.kind !== 'text' || first.text === '\n') return line
  const by = Math.min(cut, first.text.length)
  return [{ ...first, text: first.text.slice(by), start: first.start + by }, ...others]
}
