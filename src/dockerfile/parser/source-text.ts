/** A run of characters that stand side by side in the file. */
interface Piece {
  /** Where it begins in the text. */
  readonly index: number
  /** Where it begins in the file, in UTF-16 units. */
  readonly offset: number
  readonly length: number
}

/**
 * A text that knows where in the file each of its characters stands. What was left out on the way (a continuation, quotes,
 * an escape) makes it one of several pieces.
 */
export class SourceText {
  readonly text: string
  readonly #pieces: readonly Piece[]
  readonly #anchor: number

  /** @param anchor the place in the file of a text without characters */
  constructor(text: string, pieces: readonly Piece[], anchor: number) {
    this.text = text
    this.#pieces = pieces
    this.#anchor = anchor
  }

  /** The offset of the first character in the file, in UTF-16 units. */
  get start(): number {
    return this.#pieces[0]?.offset ?? this.#anchor
  }

  /** The offset behind the last character. */
  get end(): number {
    const last = this.#pieces.at(-1)
    return last === undefined ? this.#anchor : last.offset + last.length
  }

  /** Whether the characters stand in the file as they stand here, one after the other. */
  get isContiguous(): boolean {
    return this.end - this.start === this.text.length
  }

  /** The part from `start` up to `end`, as `String.slice` gives it. */
  slice(start: number, end: number = this.text.length): SourceText {
    const builder = new SourceTextBuilder(this.#offsetAt(start))
    builder.addPart(this, start, end)
    return builder.build()
  }

  /** The pieces of the part from `start` up to `end`; their indexes count from `start`. */
  piecesOf(start: number, end: number): readonly Piece[] {
    const found: Piece[] = []
    for (let at = this.#pieceAt(start); at < this.#pieces.length; at += 1) {
      const piece = this.#pieces[at]
      if (piece === undefined || piece.index >= end) break
      const from = Math.max(start, piece.index)
      const to = Math.min(end, piece.index + piece.length)
      if (to > from) {
        found.push({
          index: from - start,
          offset: piece.offset + from - piece.index,
          length: to - from,
        })
      }
    }
    return found
  }

  #offsetAt(index: number): number {
    const piece = this.#pieces[this.#pieceAt(index)]
    return piece === undefined || index >= this.text.length ? this.end : piece.offset + index - piece.index
  }

  /** The number of the last piece that begins at or before `index`. */
  #pieceAt(index: number): number {
    let low = 0
    let high = this.#pieces.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#pieces[middle]?.index ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** Puts a {@link SourceText} together from parts of others and of the file. */
export class SourceTextBuilder {
  readonly #anchor: number
  readonly #pieces: Piece[] = []
  #text = ''

  /** @param anchor the place in the file, should nothing be added */
  constructor(anchor: number) {
    this.#anchor = anchor
  }

  get isEmpty(): boolean {
    return this.#text === ''
  }

  /** Adds characters that stand at `offset` in the file. */
  add(offset: number, text: string): void {
    if (text === '') return
    const last = this.#pieces.at(-1)
    if (last !== undefined && last.offset + last.length === offset) {
      this.#pieces[this.#pieces.length - 1] = { ...last, length: last.length + text.length }
    } else {
      this.#pieces.push({ index: this.#text.length, offset, length: text.length })
    }
    this.#text += text
  }

  /** Adds the part of `source` from `start` up to `end`. */
  addPart(source: SourceText, start: number, end: number): void {
    for (const piece of source.piecesOf(start, end)) {
      const from = start + piece.index
      this.add(piece.offset, source.text.slice(from, from + piece.length))
    }
  }

  build(): SourceText {
    return new SourceText(this.#text, [...this.#pieces], this.#anchor)
  }
}
