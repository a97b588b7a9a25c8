import { DamagedArchiveError } from './errors.ts'
import { encodePaxRecords } from './encode-pax.ts'
import { encodeTarText } from './tar-text.ts'
import type { TarEntryType, TarHeaderInit } from './types.ts'

/** The end of an archive: two blocks of zeros. */
export const tarEnd: Buffer = Buffer.alloc(1024)

const typeFlags: Readonly<Record<TarEntryType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
}

/** Records that a header's own fields stand for, or that only make sense in the archive they came from. */
const ownRecord = /^(?:path|linkpath|size|uid|gid|uname|gname|mtime|hdrcharset|GNU\.sparse\..*)$/

/**
 * The header blocks of an entry: POSIX ustar, with a PAX header before it where ustar cannot say it (paths
 * that do not fit or are not ASCII, large or negative numbers, fractions of a second, `pax`). The same header
 * gives the same bytes. A path that is no UTF-8 (see `readTar`) is written as its bytes.
 *
 * @throws {DamagedArchiveError} for a device number or mode that tar cannot say.
 */
export function encodeTarHeader(header: TarHeaderInit): Buffer {
  const records = new Map<string, Buffer>()
  if (header.pax !== undefined) {
    for (const [key, value] of header.pax) {
      if (!ownRecord.test(key) && value !== '') records.set(key, encodeTarText(value))
    }
  }
  const block = Buffer.allocUnsafe(512).fill(0)
  const isDirectory = header.type === 'directory'
  writePath(block, isDirectory && !header.path.endsWith('/') ? `${header.path}/` : header.path, records)
  writeOctal(block, 100, 8, checked(header, 'mode', header.mode ?? defaultMode(header.type), 0o7777777))
  writeNumber(block, 108, 8, 'uid', header.uid ?? 0, records)
  writeNumber(block, 116, 8, 'gid', header.gid ?? 0, records)
  writeNumber(block, 124, 12, 'size', header.type === 'file' ? (header.size ?? 0) : 0, records)
  writeNumber(block, 136, 12, 'mtime', header.mtime ?? 0, records)
  block.write(typeFlags[header.type], 156, 'latin1')
  writeText(block, 157, 100, 'linkpath', header.linkPath ?? '', records)
  block.write('ustar\x0000', 257, 'latin1')
  writeText(block, 265, 32, 'uname', header.userName ?? '', records)
  writeText(block, 297, 32, 'gname', header.groupName ?? '', records)
  if (header.type === 'character-device' || header.type === 'block-device') {
    writeOctal(block, 329, 8, checked(header, 'device number', header.deviceMajor ?? 0, 0o7777777))
    writeOctal(block, 337, 8, checked(header, 'device number', header.deviceMinor ?? 0, 0o7777777))
  }
  writeChecksum(block)
  return records.size === 0 ? block : Buffer.concat([paxHeader(records), block])
}

/** The zeros that follow a body of `size` bytes, none for a multiple of 512. */
export function tarPadding(size: number): Buffer {
  return tarEnd.subarray(0, (512 - (size % 512)) % 512)
}

function paxHeader(records: ReadonlyMap<string, Buffer>): Buffer {
  const body = encodePaxRecords(records)
  const block = Buffer.alloc(512)
  block.write('././@PaxHeader', 0, 'latin1')
  writeOctal(block, 100, 8, 0o644)
  writeOctal(block, 108, 8, 0)
  writeOctal(block, 116, 8, 0)
  writeOctal(block, 124, 12, body.length)
  writeOctal(block, 136, 12, 0)
  block.write('x', 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  writeChecksum(block)
  return Buffer.concat([block, body, tarPadding(body.length)])
}

function defaultMode(type: TarEntryType): number {
  if (type === 'directory') return 0o755
  return type === 'symlink' ? 0o777 : 0o644
}

function writePath(block: Buffer, path: string, records: Map<string, Buffer>): void {
  if (isAscii(path)) {
    if (path.length <= 100) {
      block.write(path, 0, 'latin1')
      return
    }
    // A slash with at most 155 characters before it and 1 to 100 after it; the trailing one does not count.
    const slash = path.lastIndexOf('/', Math.min(155, path.length - 2))
    if (slash > 0 && path.length - slash - 1 <= 100) {
      block.write(path.slice(slash + 1), 0, 'latin1')
      block.write(path.slice(0, slash), 345, 'latin1')
      return
    }
  }
  writeText(block, 0, 100, 'path', path, records)
}

/** Text goes to its field when it fits and is ASCII, and to a PAX record else. */
function writeText(
  block: Buffer,
  offset: number,
  length: number,
  key: string,
  text: string,
  records: Map<string, Buffer>,
): void {
  if (text.length <= length && isAscii(text)) {
    if (text !== '') block.write(text, offset, 'latin1')
    return
  }
  const bytes = encodeTarText(text)
  bytes.copy(block, offset, 0, length)
  const isText = text.isWellFormed()
  // PAX is UTF-8 by itself; other bytes stand in the field as they are, if it holds them.
  if (!isText && bytes.length <= length) return
  if (!isText) records.set('hdrcharset', Buffer.from('BINARY'))
  records.set(key, bytes)
}

function writeNumber(
  block: Buffer,
  offset: number,
  length: number,
  key: string,
  value: number,
  records: Map<string, Buffer>,
): void {
  const fits = Number.isInteger(value) && value >= 0 && value < 8 ** (length - 1)
  const whole = Math.floor(value)
  writeOctal(block, offset, length, fits ? value : whole >= 0 && whole < 8 ** (length - 1) ? whole : 0)
  if (!fits) records.set(key, Buffer.from(decimal(value)))
}

/** At most nanoseconds, never an exponent. */
function decimal(value: number): string {
  const short = String(value)
  return short.includes('e') ? value.toFixed(9).replace(/\.?0+$/, '') : short
}

function writeOctal(block: Buffer, offset: number, length: number, value: number): void {
  let rest = value
  for (let index = offset + length - 2; index >= offset; index--) {
    const digit = rest % 8
    block[index] = 0x30 + digit
    rest = (rest - digit) / 8
  }
}

function checked(header: TarHeaderInit, field: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value
  throw new DamagedArchiveError(
    `Cannot write ${JSON.stringify(header.path)} to a tar archive: the ${field} ${value} is out of range`,
  )
}

function writeChecksum(block: Buffer): void {
  block.fill(0x20, 148, 156)
  let sum = 0
  for (let index = 0; index < 512; index++) sum += block[index] ?? 0
  writeOctal(block, 148, 7, sum)
  block[154] = 0
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return false
  return true
}
