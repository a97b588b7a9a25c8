import { createZstdDecompress } from 'node:zlib'
import { DamagedArchiveError } from './errors.ts'
import { type Engine, engineOptions, runEngine, writeChunk } from './run-engine.ts'
import { ZstdFrameSplitter } from './zstd-frames.ts'

/** Decompresses zstd: one frame after the other, skippable ones left out. */
export function inflateZstd(input: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const engine: Engine = createZstdDecompress(engineOptions)
  return runEngine('zstd', engine, () => feed(engine, input))
}

async function feed(engine: Engine, input: AsyncIterable<Buffer>): Promise<void> {
  const splitter = new ZstdFrameSplitter()
  let written = 0
  for await (const chunk of input) {
    for (const part of splitter.split(chunk)) {
      await writeChunk(engine, part)
      written += part.length
      if (engine.bytesWritten !== written) {
        throw new DamagedArchiveError('Cannot decompress zstd: a frame ends before its blocks do')
      }
    }
  }
  if (!splitter.isBetweenFrames)
    throw new DamagedArchiveError('Cannot decompress zstd: the stream is cut short')
  if (written > 0) engine.end()
  // Skippable frames alone: the decompressor would miss a frame.
  else engine.push(null)
}
