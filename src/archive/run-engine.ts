import type { Transform } from 'node:stream'
import { LadingError } from '../errors/index.ts'
import { DamagedArchiveError } from './errors.ts'

/** What a decompressor is made with; node:zlib hands `highWaterMark` on to the stream that it is. */
export const engineOptions: { readonly chunkSize: number; readonly highWaterMark: number } = {
  chunkSize: 256 * 1024,
  highWaterMark: 512 * 1024,
}

/** A decompressor of node:zlib. */
export type Engine = Transform & { readonly bytesWritten: number }

/**
 * The output of a decompressor while `feed` writes to it, ended when both are done.
 *
 * @throws {DamagedArchiveError} for the decompressor's own errors; those of `feed` as they are.
 */
export async function* runEngine(
  name: string,
  engine: Engine,
  feed: () => Promise<void>,
): AsyncGenerator<Buffer, void, undefined> {
  let feedFailure: Error | undefined
  // The error itself comes out of the loop below; without a listener a late one would end the process.
  engine.on('error', () => undefined)
  const feeding = feed().catch((error: unknown) => {
    feedFailure = error instanceof Error ? error : new Error(String(error))
    engine.destroy()
  })
  try {
    for await (const chunk of engine) if (Buffer.isBuffer(chunk)) yield chunk
    await feeding
  } catch (error) {
    if (feedFailure === undefined) throw asDamage(name, error)
  } finally {
    engine.destroy()
  }
  if (feedFailure !== undefined) throw feedFailure
}

/** Writes a chunk and waits until it was decompressed; afterwards `bytesWritten` says how much was wanted. */
export async function writeChunk(engine: Engine, chunk: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    engine.write(chunk, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

function asDamage(name: string, error: unknown): unknown {
  if (error instanceof LadingError || !(error instanceof Error) || !('code' in error)) return error
  if (typeof error.code !== 'string' || !/^Z(?:STD)?_/.test(error.code)) return error
  const isCut = error.code === 'Z_BUF_ERROR'
  return new DamagedArchiveError(
    `Cannot decompress ${name}: ${isCut ? 'the stream is cut short' : error.message}`,
    { cause: error },
  )
}
