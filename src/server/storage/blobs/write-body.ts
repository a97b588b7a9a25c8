import type { FileHandle } from 'node:fs/promises'
import type { Appender } from './appender.ts'
import type { BodyBatches } from './body-batches.ts'
import { UploadTooLargeError } from './upload-errors.ts'

/** Options of {@link writeBody}. */
export interface WriteBodyOptions {
  /** The end of the file, where the first byte goes. */
  readonly offset: number
  /** The most bytes that the file may have in all. */
  readonly maxSize: number
}

/**
 * Appends a body to a file. When the body breaks off, what arrived stays. When a write fails, the file is cut at the
 * end of the last whole one; when there are too many bytes, where it ended before.
 *
 * @returns the size of the file afterwards.
 */
export async function writeBody(
  file: FileHandle,
  batches: BodyBatches,
  appender: Appender,
  { offset, maxSize }: WriteBodyOptions,
): Promise<number> {
  try {
    await takeAll(batches, appender, offset, maxSize)
    return appender.end
  } catch (error) {
    await cut(file, error instanceof UploadTooLargeError ? offset : appender.end)
    throw error
  }
}

async function takeAll(
  batches: BodyBatches,
  appender: Appender,
  offset: number,
  maxSize: number,
): Promise<void> {
  let end = offset
  try {
    for (;;) {
      const batch = await batches.next()
      if (batch === undefined) return
      end += byteLength(batch)
      if (end > maxSize) throw new UploadTooLargeError(maxSize)
      await appender.write(batch)
    }
  } finally {
    await appender.finish()
  }
}

async function cut(file: FileHandle, size: number): Promise<void> {
  const { size: now } = await file.stat()
  if (now > size) await file.truncate(size)
}

function byteLength(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
}
