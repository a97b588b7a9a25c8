import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { type ByteRange, DamagedContentError, type FetchOptions } from '../content/index.ts'
import { endedBy } from './ended-by.ts'

/** Where some bytes lie in a file. */
export interface Region {
  /** The first byte. */
  readonly offset: number
  /** How many bytes. */
  readonly size: number
}

const readSize = 256 * 1024

/**
 * Reads a part of an open file, by position: several streams of one file do not disturb each other. The file
 * stays open. It ends in {@link DamagedContentError} when the file ends before the region does.
 *
 * @param what How messages name the bytes.
 */
export function regionStream(
  file: FileHandle,
  region: Region,
  what: string,
  options: FetchOptions = {},
): Readable {
  const { start, end } = partOf(region, options.range)
  let position = start
  const readNext = async (): Promise<Uint8Array | null> => {
    const size = Math.min(readSize, end - position)
    if (size <= 0) return null
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(size), 0, size, position)
    if (bytesRead === 0) throw new DamagedContentError(`Cannot read ${what}: the file ends before it does`)
    position += bytesRead
    return buffer.subarray(0, bytesRead)
  }
  const stream = new Readable({
    highWaterMark: readSize,
    read() {
      readNext().then(
        (chunk) => this.push(chunk),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      )
    },
  })
  return endedBy(stream, options.signal)
}

function partOf({ offset, size }: Region, range: ByteRange = { start: 0 }): { start: number; end: number } {
  const last = Math.min(range.end ?? size - 1, size - 1)
  return { start: offset + Math.min(range.start, size), end: offset + last + 1 }
}
