/** Compressed bytes are not what their format demands. */
export class SnappyFormatError extends Error {}

/**
 * Decompresses the block format of Snappy (format_description.txt of google/snappy): the length as a varint, then literals and
 * copies of what came before.
 *
 * @param limit the most bytes to make
 * @throws {SnappyFormatError} when it would be more, when it is not as long as it says, or when a copy leads before its beginning.
 */
export function decodeSnappy(bytes: Uint8Array, limit: number): Uint8Array {
  const header = readLength(bytes)
  if (header.length > limit)
    throw new SnappyFormatError(`it has ${header.length} bytes, more than the ${limit} that are read`)
  const output = new Uint8Array(header.length)
  let from = header.next
  let to = 0
  while (from < bytes.length) {
    const tag = byteAt(bytes, from)
    const { length, offset, next } =
      (tag & 3) === 0 ? readLiteral(bytes, from, tag) : readCopy(bytes, from, tag)
    if (length > output.length - to) throw new SnappyFormatError('it is longer than it says')
    if (offset === undefined) {
      if (length > bytes.length - next) throw new SnappyFormatError('it ends in the middle of a literal')
      output.set(bytes.subarray(next, next + length), to)
      from = next + length
    } else {
      if (offset === 0 || offset > to) throw new SnappyFormatError('a copy leads before its beginning')
      copyWithin(output, to, offset, length)
      from = next
    }
    to += length
  }
  if (to !== output.length) throw new SnappyFormatError('it is shorter than it says')
  return output
}

interface Element {
  readonly length: number
  /** How far back the bytes stand; undefined for a literal, whose bytes follow. */
  readonly offset: number | undefined
  /** Where to read on. */
  readonly next: number
}

/** A varint of at most 32 bits. */
function readLength(bytes: Uint8Array): { readonly length: number; readonly next: number } {
  let length = 0
  for (let at = 0; at < 5; at += 1) {
    const byte = byteAt(bytes, at)
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return { length, next: at + 1 }
  }
  throw new SnappyFormatError('its length is too long')
}

/** Lengths to 60 stand in the tag; 60 to 63 say that one to four bytes of length follow. */
function readLiteral(bytes: Uint8Array, at: number, tag: number): Element {
  const short = tag >> 2
  if (short < 60) return { length: short + 1, offset: undefined, next: at + 1 }
  const width = short - 59
  return { length: littleEndian(bytes, at + 1, width) + 1, offset: undefined, next: at + 1 + width }
}

function readCopy(bytes: Uint8Array, at: number, tag: number): Element {
  if ((tag & 3) === 1) {
    const offset = (tag >> 5) * 256 + byteAt(bytes, at + 1)
    return { length: ((tag >> 2) & 7) + 4, offset, next: at + 2 }
  }
  const width = (tag & 3) === 2 ? 2 : 4
  return { length: (tag >> 2) + 1, offset: littleEndian(bytes, at + 1, width), next: at + 1 + width }
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let index = 0; index < width; index += 1) value += byteAt(bytes, at + index) * 256 ** index
  return value
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new SnappyFormatError('it ends too early')
  return byte
}

/** A copy may reach into what it makes itself: bytes that repeat. */
function copyWithin(output: Uint8Array, to: number, offset: number, length: number): void {
  if (offset >= length) {
    output.copyWithin(to, to - offset, to - offset + length)
    return
  }
  for (let index = 0; index < length; index += 1) output[to + index] = output[to + index - offset] ?? 0
}
