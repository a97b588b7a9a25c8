import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { type ByteRange, DamagedContentError } from '../../../content/index.ts'
import type { ReadOptions } from './blob-store.ts'
import { FileReadable } from './file-readable.ts'
import type { ReadBuffers } from './read-buffers.ts'

/**
 * Opens the file of a blob for reading.
 *
 * @throws {DamagedContentError} when it has another size than is expected.
 * @throws {RangeError} when none of its bytes is in the range.
 */
export async function readBlob(
  path: string,
  buffers: ReadBuffers,
  { range, size: expected, signal }: ReadOptions,
): Promise<FileReadable> {
  signal?.throwIfAborted()
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { size } = await file.stat()
    if (expected !== undefined && expected !== size)
      throw new DamagedContentError(`Cannot read the blob: its file has ${size} bytes, not ${expected}`)
    return new FileReadable(file, { ...within(range, size), buffers, signal })
  } catch (error) {
    await file.close()
    throw error
  }
}

/** The bytes that a range names, the end excluded. */
function within(
  range: ByteRange | undefined,
  size: number,
): { readonly start: number; readonly end: number } {
  if (range === undefined) return { start: 0, end: size }
  const end = Math.min(range.end ?? size - 1, size - 1) + 1
  if (range.start < 0 || range.start >= end)
    throw new RangeError(`There are no bytes ${range.start}-${range.end ?? ''} in ${size}`)
  return { start: range.start, end }
}
