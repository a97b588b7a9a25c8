/** A part of a content: both ends included. */
export interface ContentRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads a `Range` header against a content of `size` bytes (RFC 9110 section 14.2).
 *
 * @returns the range; `unsatisfiable` where it has no byte, also when it ends before it begins (the conformance suite
 * of the distribution specification wants 416 there); undefined where the whole content is to be given: another
 * unit, several ranges, or what is no range.
 */
export function parseRange(header: string, size: number): ContentRange | 'unsatisfiable' | undefined {
  const match = /^bytes=[ \t]*([0-9]{0,16})-([0-9]{0,16})[ \t]*$/i.exec(header)
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return undefined
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start > end ? 'unsatisfiable' : { start, end }
}
