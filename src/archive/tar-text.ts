import { isUtf8 } from 'node:buffer'

/**
 * The text of a field's bytes. Bytes that are not UTF-8 become lone surrogates U+DC80–U+DCFF, one a byte
 * (as Python's `surrogateescape`), so that {@link encodeTarText} gives the very bytes back.
 */
export function decodeTarText(bytes: Buffer, start = 0, end: number = bytes.length): string {
  let seen = 0
  for (let index = start; index < end; index++) seen |= bytes[index] ?? 0
  if (seen < 0x80) return bytes.toString('latin1', start, end)
  const part = bytes.subarray(start, end)
  return isUtf8(part) ? part.toString('utf8') : decodeEscaping(part)
}

/** The bytes of a text that {@link decodeTarText} gave, or of any well-formed text as UTF-8. */
export function encodeTarText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8')
  const parts: Buffer[] = []
  for (const character of text) {
    const unit = character.charCodeAt(0)
    const isEscaped = character.length === 1 && unit >= 0xdc80 && unit <= 0xdcff
    parts.push(isEscaped ? Buffer.from([unit - 0xdc00]) : Buffer.from(character, 'utf8'))
  }
  return Buffer.concat(parts)
}

function decodeEscaping(bytes: Buffer): string {
  let text = ''
  for (let index = 0; index < bytes.length;) {
    const length = sequenceLength(bytes[index] ?? 0)
    const sequence = bytes.subarray(index, index + length)
    if (sequence.length === length && isUtf8(sequence)) {
      text += sequence.toString('utf8')
      index += length
    } else {
      text += String.fromCharCode(0xdc00 + (bytes[index] ?? 0))
      index += 1
    }
  }
  return text
}

/** How many bytes a UTF-8 sequence with this first byte has. */
function sequenceLength(first: number): number {
  if (first < 0xc0) return 1
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
}
