/** What Go's `unicode.IsSpace` takes for white space, as BuildKit does: other than JavaScript's `\s`. */
const white = '\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'

const whitePattern = new RegExp(`[${white}]`)

/** Says whether a character is white space. */
export function isWhite(character: string): boolean {
  return whitePattern.test(character)
}

/** The index of the first character from `from` on that is not white space; the length where there is none. */
export function skipWhite(text: string, from = 0): number {
  let index = from
  while (index < text.length && isWhite(text.charAt(index))) index += 1
  return index
}

/** The index behind the last character that is not white space. */
export function endWithoutWhite(text: string): number {
  let end = text.length
  while (end > 0 && isWhite(text.charAt(end - 1))) end -= 1
  return end
}
