import { stripVTControlCharacters } from 'node:util'

/** Columns that a text takes on a terminal: wide East Asian characters two, combining marks none. */
export function textWidth(text: string): number {
  const plain = stripVTControlCharacters(text)
  // Most of what is shown is ASCII.
  if (/^[ -~]*$/.test(plain)) return plain.length
  let width = 0
  for (const segment of graphemes(plain)) width += segmentWidth(segment)
  return width
}

/** The text cut to at most so many columns, with an ellipsis where something was cut; escapes are dropped then. */
export function cutToWidth(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text
  let cut = ''
  let width = 0
  for (const segment of graphemes(stripVTControlCharacters(text))) {
    width += segmentWidth(segment)
    if (width > columns - 1) break
    cut += segment
  }
  return `${cut}…`
}

/** What a reader sees as one character each. */
export function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** Made when it is first needed: that takes 10 ms. */
let segmenter: Intl.Segmenter | undefined

function segmentWidth(segment: string): number {
  if (/^\p{Mark}+$/u.test(segment)) return 0
  return wide.test(segment) ? 2 : 1
}

const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|^[\u{20000}-\u{3fffd}]/u
