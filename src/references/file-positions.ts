import type { FileRange } from './occurrence.ts'

/** How many UTF-16 units lie between two places whose byte is known. */
const blockLength = 1024

/** Tells places of a file in bytes, lines and columns from offsets of its text in UTF-16 units. */
export class FilePositions {
  readonly #text: string
  /** Where each line begins. */
  readonly #lines: readonly number[]
  /** The bytes in front of every {@link blockLength}th unit; lines may be as long as the file. */
  readonly #blocks: readonly number[]

  constructor(text: string) {
    this.#text = text
    const lines = [0]
    for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', feed + 1)) lines.push(feed + 1)
    this.#lines = lines
    const blocks = [0]
    for (let start = 0; start + blockLength <= text.length; start += blockLength)
      blocks.push((blocks.at(-1) ?? 0) + bytesBetween(text, start, start + blockLength))
    this.#blocks = blocks
  }

  /** The range from offset `start` up to `end`. */
  range(start: number, end: number): FileRange {
    const number = this.#lineAt(start)
    const column = start - (this.#lines[number] ?? 0) + 1
    return { start: this.#byteAt(start), end: this.#byteAt(end), line: number + 1, column }
  }

  #byteAt(offset: number): number {
    const block = Math.floor(offset / blockLength)
    return (this.#blocks[block] ?? 0) + bytesBetween(this.#text, block * blockLength, offset)
  }

  /** The number, from 0, of the line that holds an offset. */
  #lineAt(offset: number): number {
    let low = 0
    let high = this.#lines.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#lines[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** The bytes of a part. A pair of surrogates that it begins or ends within is counted where it begins. */
function bytesBetween(text: string, start: number, end: number): number {
  return Buffer.byteLength(text.slice(pairStart(text, start), pairStart(text, end)))
}

/** The offset, or the one in front of it where it is in the middle of a pair of surrogates. */
function pairStart(text: string, offset: number): number {
  return /^[\uDC00-\uDFFF]/.test(text.charAt(offset)) && /^[\uD800-\uDBFF]/.test(text.charAt(offset - 1))
    ? offset - 1
    : offset
}
