import type { Readable } from 'node:stream'
import {
  DamagedContentError,
  type FetchOptions,
  LimitExceededError,
  NotFoundError,
  type OperationOptions,
} from '../content/index.ts'

/** The files of a layout, wherever they lie: a directory, a tar archive. Paths are relative, with `/`. */
export interface LayoutFiles {
  /** How messages name the place. */
  readonly display: string
  /** Bytes of a regular file; undefined when there is none. */
  size(path: string, options?: OperationOptions): Promise<number | undefined>
  /** Opens a regular file. @throws {NotFoundError} */
  open(path: string, options?: FetchOptions): Promise<Readable>
}

/**
 * Reads a small file whole.
 *
 * @throws {NotFoundError} @throws {LimitExceededError} when it has more than `limit` bytes.
 * @throws {DamagedContentError} when it ends before its size.
 */
export async function readSmallFile(
  files: LayoutFiles,
  path: string,
  limit: number,
  options: OperationOptions = {},
): Promise<Buffer> {
  const size = await files.size(path, options)
  if (size === undefined) throw new NotFoundError(`Cannot read ${path} of ${files.display}: it is not there`)
  if (size > limit) {
    throw new LimitExceededError(
      `Cannot read ${path} of ${files.display}: it has ${size} bytes, more than the ${limit} that are allowed`,
    )
  }
  const chunks: Uint8Array[] = []
  let read = 0
  for await (const chunk of await files.open(path, options)) {
    if (!(chunk instanceof Uint8Array))
      throw new DamagedContentError(`Cannot read ${path} of ${files.display}: not bytes`)
    read += chunk.length
    if (read > limit) break
    chunks.push(chunk)
  }
  if (read !== size)
    throw new DamagedContentError(
      `Cannot read ${path} of ${files.display}: it does not have its ${size} bytes`,
    )
  return Buffer.concat(chunks)
}
