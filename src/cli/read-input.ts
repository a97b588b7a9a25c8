import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { UsageError } from '../errors/index.ts'
import { asFileError } from '../files/index.ts'
import type { CliContext } from './context.ts'

/**
 * Reads a small file whole, or standard input where it is named `-`.
 *
 * @param limit the most bytes
 * @throws {FileError} when it cannot be read. @throws {UsageError} when it has more.
 */
export async function readInput(
  { signal, stdin }: Pick<CliContext, 'signal' | 'stdin'>,
  path: string,
  limit: number,
): Promise<Buffer> {
  signal.throwIfAborted()
  const name = path === '-' ? 'standard input' : path
  const stream: Readable = path === '-' ? stdin() : createReadStream(path, { signal })
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: true })) {
      signal.throwIfAborted()
      const bytes = Buffer.from(chunk instanceof Uint8Array ? chunk : String(chunk))
      size += bytes.length
      if (size > limit) throw new UsageError(`Cannot read ${name}: it has more than ${limit} bytes`)
      chunks.push(bytes)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw asFileError(`read ${name}`, error)
  }
  return Buffer.concat(chunks)
}
