import { Duplex, PassThrough, pipeline } from 'node:stream'
import { constants, createGzip, createZstdCompress } from 'node:zlib'
import { EvenChunks } from './even-chunks.ts'
import type { Compression } from './types.ts'

/** Options of {@link compress}. */
export interface CompressOptions {
  /** gzip 1–9, default 6; zstd 1–19, default 3. */
  readonly level?: number
}

/**
 * A stream that compresses what is written to it. The same input gives the same bytes, however it is cut into
 * chunks: gzip headers have no time and no name.
 */
export function compress(compression: Compression, options: CompressOptions = {}): Duplex {
  switch (compression) {
    case 'none':
      return new PassThrough({ highWaterMark: buffers.highWaterMark })
    case 'gzip':
      return createGzip({ ...buffers, level: options.level ?? 6 })
    case 'zstd':
      return zstd(options.level ?? 3)
    default:
      return compression satisfies never
  }
}

/** node:zlib hands `highWaterMark` on to the stream that it is. */
const buffers = { chunkSize: 120 * 1024, highWaterMark: 256 * 1024 } as const

function zstd(level: number): Duplex {
  const engine = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
    ...buffers,
  })
  // zstd makes other blocks of small writes than of large ones (libzstd 1.5 in Node 24: 13 bytes more for writes of 777).
  const even = new EvenChunks()
  // What goes wrong comes out of the pair.
  pipeline(even, engine, () => undefined)
  return Duplex.from({ writable: even, readable: engine })
}
