import type { ByteSource } from './byte-source.ts'
import { type SparseExtent, type SparseMap, sparseExtents } from './sparse-map.ts'
import { parseTarNumber } from './tar-number.ts'

/**
 * The map of an old GNU sparse entry: four extents in the header block, more in blocks after it.
 *
 * @returns undefined when it cannot be read or takes more than `limit` bytes.
 */
export async function readGnuSparseMap(
  source: ByteSource,
  block: Buffer,
  limit: number,
): Promise<SparseMap | undefined> {
  const extents: SparseExtent[] = []
  const realSize = parseTarNumber(block, 483, 12)
  let goesOn = block[482] !== 0
  addExtents(extents, block, 386, 4)
  for (let bytes = 512; goesOn; bytes += 512) {
    if (bytes > limit) return undefined
    const extension = await source.take(512)
    if (extension.length < 512) return undefined
    addExtents(extents, extension, 0, 21)
    goesOn = extension[504] !== 0
  }
  return { extents, realSize }
}

/**
 * The map of a PAX sparse entry of version 1.0: decimal numbers, one a line, in whole blocks before the data.
 *
 * @returns undefined when it cannot be read or takes more than `limit` bytes.
 */
export async function readPaxSparseMap(
  source: ByteSource,
  realSize: number,
  limit: number,
): Promise<SparseMap | undefined> {
  let rest = ''
  const lines: string[] = []
  let wanted = Number.POSITIVE_INFINITY
  for (let bytes = 512; lines.length - 1 < wanted; bytes += 512) {
    const block = await source.take(512)
    if (bytes > limit || block.length < 512) return undefined
    // What follows the last newline may go on in the next block.
    const found = (rest + block.toString('latin1')).split('\n')
    rest = found.pop() ?? ''
    lines.push(...found)
    const count = lines[0]
    if (count !== undefined) {
      if (!/^[0-9]{1,8}$/.test(count)) return undefined
      wanted = Number(count) * 2
    }
  }
  const extents = sparseExtents(lines.slice(1, wanted + 1))
  return extents === undefined ? undefined : { extents, realSize }
}

function addExtents(extents: SparseExtent[], block: Buffer, start: number, count: number): void {
  for (let index = 0; index < count; index++) {
    const at = start + index * 24
    if (block[at] === 0) return
    extents.push({ offset: parseTarNumber(block, at, 12), length: parseTarNumber(block, at + 12, 12) })
  }
}
