/**
 * Finds a key that stands twice in one object of a JSON document; undefined when there is none. Readers differ in which
 * of two they take, and so read two documents in the same bytes (RFC 8259, section 4).
 *
 * @param text A document that `JSON.parse` takes.
 */
export function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  let keyIsNext = false
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quotationMark: {
        const end = endOfString(text, at)
        if (keyIsNext) {
          const key = keyText(text.slice(at, end + 1))
          const keys = open.at(-1)
          if (keys?.has(key) === true) return key
          keys?.add(key)
          keyIsNext = false
        }
        at = end
        break
      }
      case leftBrace:
        open.push(new Set())
        keyIsNext = true
        break
      case leftBracket:
        open.push(undefined)
        keyIsNext = false
        break
      case rightBrace:
      case rightBracket:
        open.pop()
        keyIsNext = false
        break
      case comma:
        keyIsNext = open.at(-1) !== undefined
        break
      default:
        break
    }
  }
  return undefined
}

const quotationMark = 0x22
const comma = 0x2c
const leftBracket = 0x5b
const backslash = 0x5c
const rightBracket = 0x5d
const leftBrace = 0x7b
const rightBrace = 0x7d

/** The place of the quotation mark that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let first = end
    while (text.charCodeAt(first - 1) === backslash) first -= 1
    if ((end - first) % 2 === 0) return end
  }
  return text.length
}

/** What a key's text says: `"\u0061"` says the same as `"a"`. */
function keyText(literal: string): string {
  return literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1)
}
