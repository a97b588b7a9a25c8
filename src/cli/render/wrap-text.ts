import { graphemes, textWidth } from './text-width.ts'

/** A text on lines of at most so many columns: broken at blanks, and within a word only where it is longer than a line. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (textWidth(longer) <= columns) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    const pieces = cutIntoPieces(word, columns)
    line = pieces.pop() ?? ''
    lines.push(...pieces)
  }
  return [...lines, line]
}

function cutIntoPieces(word: string, columns: number): string[] {
  if (textWidth(word) <= columns) return [word]
  const pieces: string[] = []
  let piece = ''
  let width = 0
  for (const grapheme of graphemes(word)) {
    const next = textWidth(grapheme)
    if (width + next > columns && piece !== '') {
      pieces.push(piece)
      piece = ''
      width = 0
    }
    piece += grapheme
    width += next
  }
  return [...pieces, piece]
}
