import { parseTarNumber } from './tar-number.ts'
import { decodeTarText } from './tar-text.ts'

/** What a header block of 512 bytes says by itself. */
export interface TarBlock {
  readonly path: string
  /** The type's character; '0' for NUL. */
  readonly typeFlag: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes stored after the header; NaN where the field is damaged, as the numbers beside it. */
  readonly size: number
  readonly mtime: number
  readonly linkPath: string
  readonly userName: string
  readonly groupName: string
  readonly deviceMajor: number
  readonly deviceMinor: number
  readonly isGnu: boolean
}

/** Whether the block is nothing but zeros: two of them end an archive. */
export function isZeroBlock(block: Buffer): boolean {
  for (let index = 0; index < 512; index++) if (block[index] !== 0) return false
  return true
}

/** Whether the checksum is right, summed over unsigned or, as some old writers did, signed bytes. */
export function hasRightChecksum(block: Buffer): boolean {
  const stored = parseTarNumber(block, 148, 8)
  let unsigned = 8 * 0x20
  let high = 0
  for (let index = 0; index < 512; index++) {
    if (index === 148) index = 156
    const byte = block[index] ?? 0
    unsigned += byte
    high += byte >> 7
  }
  return stored === unsigned || stored === unsigned - 256 * high
}

/** Reads a header block: ustar, GNU, star and V7 (POSIX ustar; GNU tar manual, "Basic Tar Format"). */
export function decodeBlock(block: Buffer): TarBlock {
  const magic = block.toString('latin1', 257, 263)
  const isUstar = magic === 'ustar\0'
  const isGnu = magic === 'ustar '
  const isExtended = isUstar || isGnu
  const name = textField(block, 0, 100)
  const prefix = isExtended ? pathPrefix(block, isGnu) : ''
  const typeByte = block[156] ?? 0
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    typeFlag: typeByte === 0 ? '0' : String.fromCharCode(typeByte),
    mode: parseTarNumber(block, 100, 8),
    uid: parseTarNumber(block, 108, 8),
    gid: parseTarNumber(block, 116, 8),
    size: parseTarNumber(block, 124, 12),
    mtime: parseTarNumber(block, 136, 12),
    linkPath: textField(block, 157, 100),
    userName: isExtended ? textField(block, 265, 32) : '',
    groupName: isExtended ? textField(block, 297, 32) : '',
    deviceMajor: isExtended ? parseTarNumber(block, 329, 8) : 0,
    deviceMinor: isExtended ? parseTarNumber(block, 337, 8) : 0,
    isGnu,
  }
}

function pathPrefix(block: Buffer, isGnu: boolean): string {
  if (block[345] === 0) return ''
  if (!isGnu) {
    // star keeps times behind a shorter prefix and marks it at the block's end.
    const isStar = block.toString('latin1', 508, 512) === 'tar\0'
    return textField(block, 345, isStar ? 131 : 155)
  }
  // GNU has times here. Archives of Go before 1.8 have the prefix under GNU's magic all the same
  // (golang.org/issue/12594): it is one where no time can be read.
  const hasTimes =
    Number.isInteger(parseTarNumber(block, 345, 12)) && Number.isInteger(parseTarNumber(block, 357, 12))
  if (hasTimes) return ''
  const prefix = textField(block, 345, 155)
  return /^[\x20-\x7e]*$/.test(prefix) ? prefix : ''
}

function textField(block: Buffer, offset: number, length: number): string {
  let end = offset
  const limit = offset + length
  while (end < limit && block[end] !== 0) end++
  return end === offset ? '' : decodeTarText(block, offset, end)
}
