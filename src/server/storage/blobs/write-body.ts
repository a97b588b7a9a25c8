import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { BodyBatches } from './body-batches.ts'
import { UploadTooLargeError } from './upload-errors.ts'

/** Options of {@link writeBody}. */
export interface WriteBodyOptions {
  /** Where the first byte goes: the end of the file. */
  readonly offset: number
  /** The most bytes that the file may have in all. */
  readonly maxSize: number
  readonly signal: AbortSignal
  /** Told what is being written, and where. */
  readonly onBatch: (batch: readonly Uint8Array[], position: number) => void
}

/**
 * Appends a body to a file. When the body breaks off, what arrived stays. When a write fails, the file is cut at the
 * end of the last whole one; when there are too many bytes, where it ended before.
 *
 * @returns the size of the file afterwards.
 */
export async function writeBody(
  file: FileHandle,
  body: Readable,
  options: WriteBodyOptions,
): Promise<number> {
  const { offset, maxSize, signal, onBatch } = options
  const batches = new BodyBatches(body, signal)
  let position = offset
  try {
    for (;;) {
      const batch = await batches.next()
      if (batch === undefined) return position
      const end = position + byteLength(batch)
      if (end > maxSize) {
        await file.truncate(offset)
        throw new UploadTooLargeError(maxSize)
      }
      const written = writeWhole(file, batch, position)
      onBatch(batch, position)
      await written
      position = end
    }
  } finally {
    batches.release()
  }
}

async function writeWhole(file: FileHandle, batch: readonly Uint8Array[], position: number): Promise<void> {
  let rest = batch
  let written = 0
  try {
    while (rest.length > 0) {
      const { bytesWritten } = await file.writev(rest, position + written)
      written += bytesWritten
      rest = withoutFirst(rest, bytesWritten)
    }
  } catch (error) {
    await file.truncate(position)
    throw error
  }
}

function byteLength(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
}

/** The chunks that are left when the first `count` bytes are done: a device may take less than it was given. */
function withoutFirst(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skip = count
  const rest: Uint8Array[] = []
  for (const chunk of chunks) {
    if (skip < chunk.byteLength) rest.push(chunk.subarray(skip))
    skip = Math.max(0, skip - chunk.byteLength)
  }
  return rest
}
