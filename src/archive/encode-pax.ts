import { encodeTarText } from './tar-text.ts'

/** A PAX header's body: the records in the order of their keys, `length key=value\n` each. */
export function encodePaxRecords(records: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = []
  for (const [key, value] of [...records].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const content = Buffer.concat([Buffer.from(' '), encodeTarText(key), Buffer.from('='), value, newline])
    parts.push(Buffer.from(String(recordLength(content.length))), content)
  }
  return Buffer.concat(parts)
}

const newline = Buffer.from('\n')

/** The length counts its own digits. */
function recordLength(content: number): number {
  const guess = content + String(content).length
  return content + String(guess).length
}
