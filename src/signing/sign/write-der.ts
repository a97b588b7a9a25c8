/** One value of DER (X.690). */
export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])
}

/** An INTEGER that is not negative, of big-endian bytes. */
export function writeDerInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const significant = first < 0 ? Buffer.of(0) : Buffer.from(bytes.subarray(first))
  // The first bit is the sign.
  const isNegative = (significant[0] ?? 0) >= 0x80
  return writeDer(0x02, ...(isNegative ? [Buffer.of(0)] : []), significant)
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const bytes: number[] = []
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256)
  return Buffer.of(0x80 | bytes.length, ...bytes)
}
