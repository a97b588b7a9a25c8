import type { FileRange } from './occurrence.ts'

/** Tells places of a file in bytes, lines and columns from offsets of its text in UTF-16 units. */
export class FilePositions {
  readonly #text: string
  /** Where each line begins: in the text, and in the bytes of the file. */
  readonly #lines: readonly { readonly offset: number; readonly byte: number }[]

  constructor(text: string) {
    this.#text = text
    const lines = [{ offset: 0, byte: 0 }]
    let byte = 0
    for (let feed = text.indexOf('\n'), from = 0; feed >= 0; feed = text.indexOf('\n', from)) {
      byte += Buffer.byteLength(text.slice(from, feed + 1))
      from = feed + 1
      lines.push({ offset: from, byte })
    }
    this.#lines = lines
  }

  /** The range from offset `start` up to `end`. */
  range(start: number, end: number): FileRange {
    const number = this.#lineAt(start)
    const column = start - (this.#lines[number]?.offset ?? 0) + 1
    return { start: this.#byteAt(start), end: this.#byteAt(end), line: number + 1, column }
  }

  #byteAt(offset: number): number {
    const line = this.#lines[this.#lineAt(offset)] ?? { offset: 0, byte: 0 }
    return line.byte + Buffer.byteLength(this.#text.slice(line.offset, offset))
  }

  /** The number, from 0, of the line that holds an offset. */
  #lineAt(offset: number): number {
    let low = 0
    let high = this.#lines.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#lines[middle]?.offset ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}
