import { createGunzip } from 'node:zlib'
import { DamagedArchiveError } from './errors.ts'
import { type Engine, engineOptions, runEngine, writeChunk } from './run-engine.ts'

/**
 * Decompresses gzip: one member after the other, then nothing but zeros, which tapes and some writers pad
 * with. Anything else after a member is an error: it would be content that other tools may see.
 */
export function inflateGzip(input: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const engine: Engine = createGunzip(engineOptions)
  return runEngine('gzip', engine, () => feed(engine, input))
}

async function feed(engine: Engine, input: AsyncIterable<Buffer>): Promise<void> {
  let written = 0
  let isPadding = false
  for await (const chunk of input) {
    if (isPadding) {
      demandZeros(chunk)
      continue
    }
    await writeChunk(engine, chunk)
    written += chunk.length
    // The decompressor leaves what follows the last member when that begins with a zero, and ends.
    const left = written - engine.bytesWritten
    isPadding = left > 0
    if (isPadding) demandZeros(chunk.subarray(chunk.length - left))
  }
  if (!isPadding) engine.end()
}

function demandZeros(bytes: Buffer): void {
  if (!bytes.every((byte) => byte === 0)) {
    throw new DamagedArchiveError('Cannot decompress gzip: there is something behind the end of its content')
  }
}
