import { decodeTarText } from './tar-text.ts'

/** One PAX record. */
export interface PaxRecord {
  readonly key: string
  readonly value: string
}

/**
 * The records of a PAX header block, in order: `length key=value\n` each (POSIX pax, "pax Header Block").
 *
 * @returns undefined when the block is not made so.
 */
export function parsePaxRecords(block: Buffer): readonly PaxRecord[] | undefined {
  const records: PaxRecord[] = []
  for (let start = 0; start < block.length;) {
    const space = block.indexOf(0x20, start)
    const digits = space < 0 ? '' : block.toString('latin1', start, Math.min(space, start + 9))
    const end = start + Number(digits)
    if (!/^[0-9]{1,8}$/.test(digits) || end > block.length || block[end - 1] !== 0x0a) return undefined
    const equals = block.indexOf(0x3d, space)
    if (equals <= space + 1 || equals >= end) return undefined
    records.push({
      key: decodeTarText(block, space + 1, equals),
      value: decodeTarText(block, equals + 1, end - 1),
    })
    start = end
  }
  return records
}
