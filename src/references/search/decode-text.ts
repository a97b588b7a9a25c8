/** The text of a file, and whether it encodes to the very bytes. */
export interface DecodedText {
  readonly text: string
  readonly isExact: boolean
}

/** Reads bytes as UTF-8, or as UTF-16 where a byte order mark says so; what is neither is read with replacements. */
export function decodeText(bytes: Buffer): DecodedText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe)
    return { text: bytes.subarray(2).toString('utf16le'), isExact: false }
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return {
      text: Buffer.from(evenPart(bytes.subarray(2)))
        .swap16()
        .toString('utf16le'),
      isExact: false,
    }
  const text = bytes.toString('utf8')
  return { text, isExact: !text.includes('\uFFFD') || Buffer.from(text).equals(bytes) }
}

/** Without a byte at the end that is half a character. */
function evenPart(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length - (bytes.length % 2))
}
