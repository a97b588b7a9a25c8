import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSnappy, SnappyFormatError } from './decode-snappy.ts'

describe('decodeSnappy()', () => {
  test.each([
    ['nothing', '00', ''],
    ['a literal', '0c2c48656c6c6f20776f726c6421', 'Hello world!'],
    ['a copy with an offset of one byte', '0a0c616263640904', 'abcdabcdab'],
    ['a copy that reaches into what it makes', '0900611101', 'aaaaaaaaa'],
    ['a copy with an offset of two bytes', '0808616263120300', 'abcabcab'],
    ['a copy with an offset of four bytes', '08086162631303000000', 'abcabcab'],
    ['a literal whose length has a byte of its own', `46f045${'61'.repeat(70)}`, 'a'.repeat(70)],
  ])('reads %s', (_, hex, text) => {
    expect(Buffer.from(decodeSnappy(Buffer.from(hex, 'hex'), 100)).toString()).toBe(text)
  })

  test.each([
    ['empty input', ''],
    ['a length without an end', 'ffffffffff'],
    ['more than is allowed', 'e807'],
    ['an end in a literal', '0c2c48656c'],
    ['a literal longer than it says', '020c61626364'],
    ['a copy before the beginning', '0500610102'],
    ['an offset of nothing', '0500610100'],
    ['a copy that ends in its offset', '0500610e05'],
    ['less than it says', '050061'],
    ['a huge copy', '050061fe0100'],
  ])('refuses %s', (_, hex) => {
    expect(() => decodeSnappy(Buffer.from(hex, 'hex'), 100)).toThrow(SnappyFormatError)
  })

  test('gives back whatever was written as literals and copies', () => {
    const bytes = fc.array(fc.constantFrom(0x61, 0x62, 0x63), { maxLength: 2000 })
    fc.assert(
      fc.property(bytes, (values) => {
        const original = Uint8Array.from(values)
        expect(decodeSnappy(encode(original), 5000)).toEqual(original)
      }),
    )
  })

  test('ends in its own error, or in as many bytes as it says, whatever it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(outcome(bytes)).toBe('fine')
      }),
      { numRuns: 2000 },
    )
  })
})

function outcome(bytes: Uint8Array): unknown {
  try {
    return decodeSnappy(bytes, 1000).length <= 1000 ? 'fine' : 'too long'
  } catch (error) {
    return error instanceof SnappyFormatError ? 'fine' : error
  }
}

/** A plain encoder: at each place the longest copy from at most 2,000 bytes back, else a literal of one byte. */
function encode(bytes: Uint8Array): Uint8Array {
  const out: number[] = [...varint(bytes.length)]
  for (let at = 0; at < bytes.length;) {
    const { length, offset } = longestCopy(bytes, at)
    if (length >= 4 && length <= 11) {
      out.push(1 | ((length - 4) << 2) | ((offset >> 8) << 5), offset & 255)
      at += length
    } else if (length > 11) {
      out.push(2 | ((length - 1) << 2), offset & 255, offset >> 8)
      at += length
    } else {
      out.push(0, bytes[at] ?? 0)
      at += 1
    }
  }
  return Uint8Array.from(out)
}

function longestCopy(bytes: Uint8Array, at: number): { readonly length: number; readonly offset: number } {
  let best = { length: 0, offset: 0 }
  for (let offset = 1; offset <= Math.min(at, 40); offset += 1) {
    let length = 0
    while (length < 64 && at + length < bytes.length && bytes[at + length] === bytes[at + length - offset])
      length += 1
    if (length > best.length) best = { length, offset }
  }
  return best
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]
}
