/**
 * A numeric field: octal digits between spaces and NULs, or two's complement in base 256 when the first
 * bit is set (GNU tar manual, "Basic Tar Format"). NaN when it is neither, or past 2^53.
 */
export function parseTarNumber(block: Buffer, offset: number, length: number): number {
  return ((block[offset] ?? 0) & 0x80) === 0
    ? parseOctal(block, offset, length)
    : parseBase256(block, offset, length)
}

function parseOctal(block: Buffer, offset: number, length: number): number {
  const end = offset + length
  let index = offset
  while (index < end && isBlank(block[index])) index++
  let value = 0
  for (; index < end && !isBlank(block[index]); index++) {
    const digit = (block[index] ?? 0) - 0x30
    if (digit < 0 || digit > 7) return Number.NaN
    value = value * 8 + digit
  }
  return Number.isSafeInteger(value) ? value : Number.NaN
}

function parseBase256(block: Buffer, offset: number, length: number): number {
  const isNegative = ((block[offset] ?? 0) & 0x40) !== 0
  const flip = isNegative ? 0xff : 0
  let value = ((block[offset] ?? 0) ^ flip) & 0x7f
  for (let index = offset + 1; index < offset + length; index++) {
    value = value * 256 + ((block[index] ?? 0) ^ flip)
  }
  if (!Number.isSafeInteger(value)) return Number.NaN
  return isNegative ? -1 - value : value
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0 || byte === 0x20
}
