/** One value of DER (X.690): its identifier octet, its content, and all of it. */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
}

/** Bytes that are not the DER that they should be. */
export class DerError extends Error {}

/**
 * Reads the one value that `bytes` are, with nothing behind it. Lengths are definite and as short as they can be, tags
 * are below 31.
 *
 * @throws {DerError}
 */
export function readDer(bytes: Buffer): DerValue {
  const value = readAt(bytes, 0)
  if (value.whole.length !== bytes.length) throw new DerError('there are bytes behind the value')
  return value
}

/**
 * The values inside a constructed value, or inside the content of an octet string that holds some.
 *
 * @throws {DerError}
 */
export function derChildren({ content }: DerValue): DerValue[] {
  const children: DerValue[] = []
  for (let offset = 0; offset < content.length;) {
    const child = readAt(content, offset)
    children.push(child)
    offset += child.whole.length
  }
  return children
}

/** The dotted text of an object identifier's content. */
export function objectIdentifier({ tag, content }: DerValue): string {
  const [first] = content
  if (tag !== 0x06 || first === undefined || first >= 0x80) throw new DerError('not an object identifier')
  const arcs = [Math.min(Math.floor(first / 40), 2)]
  arcs.push(first - 40 * (arcs[0] ?? 0))
  let arc = 0
  for (const byte of content.subarray(1)) {
    arc = arc * 128 + (byte & 0x7f)
    if (!Number.isSafeInteger(arc)) throw new DerError('an object identifier is too large')
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  return arcs.join('.')
}

function readAt(bytes: Buffer, offset: number): DerValue {
  const tag = bytes[offset]
  const first = bytes[offset + 1]
  if (tag === undefined || first === undefined) throw new DerError('it ends early')
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag is too large')
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || lengthBytes > 4) throw new DerError('a length is not definite')
  const start = offset + 2 + lengthBytes
  if (start > bytes.length) throw new DerError('it ends early')
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(offset + 2, lengthBytes)
  if (lengthBytes > 0 && (length < 0x80 || bytes[offset + 2] === 0))
    throw new DerError('a length is longer than it need be')
  if (start + length > bytes.length) throw new DerError('it ends early')
  return {
    tag,
    content: bytes.subarray(start, start + length),
    whole: bytes.subarray(offset, start + length),
  }
}
