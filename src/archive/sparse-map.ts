/** Where the data of a sparse file belong: pairs of offset and length in bytes, ascending, not overlapping. */
export interface SparseMap {
  readonly extents: readonly SparseExtent[]
  /** The file's size with its holes. */
  readonly realSize: number
}

/** A run of data in a sparse file. */
export interface SparseExtent {
  readonly offset: number
  readonly length: number
}

/** What is wrong with a sparse map whose data take `storedSize` bytes in the archive; undefined when nothing is. */
export function sparseMapProblem(map: SparseMap, storedSize: number): string | undefined {
  let end = 0
  let stored = 0
  for (const { offset, length } of map.extents) {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
      return 'its sparse map has a number that is not one'
    }
    if (offset < end) return 'its sparse map goes backwards'
    end = offset + length
    stored += length
  }
  if (!Number.isSafeInteger(map.realSize) || end > map.realSize)
    return 'its sparse map goes past the file’s end'
  return stored === storedSize
    ? undefined
    : `its sparse map tells of ${stored} bytes of data, the archive has ${storedSize}`
}

/** Extents from the numbers offset, length, offset, length …; undefined when one is missing or not a number. */
export function sparseExtents(numbers: readonly string[]): SparseExtent[] | undefined {
  if (numbers.length % 2 !== 0 || !numbers.every((text) => /^[0-9]{1,16}$/.test(text))) return undefined
  const extents: SparseExtent[] = []
  for (let index = 0; index < numbers.length; index += 2) {
    extents.push({ offset: Number(numbers[index]), length: Number(numbers[index + 1]) })
  }
  return extents
}
