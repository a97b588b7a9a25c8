import { PassThrough, type Transform } from 'node:stream'
import { constants, createGzip, createZstdCompress } from 'node:zlib'
import type { Compression } from './types.ts'

/** Options of {@link compress}. */
export interface CompressOptions {
  /** gzip 1–9, default 6; zstd 1–19, default 3. */
  readonly level?: number
}

/**
 * A transform that compresses. The same input gives the same bytes, however it is cut into chunks: gzip
 * headers have no time and no name.
 */
export function compress(compression: Compression, options: CompressOptions = {}): Transform {
  switch (compression) {
    case 'none':
      return new PassThrough({ highWaterMark: buffers.highWaterMark })
    case 'gzip':
      return createGzip({ ...buffers, level: options.level ?? 6 })
    case 'zstd':
      return createZstdCompress({
        params: {
          [constants.ZSTD_c_compressionLevel]: options.level ?? 3,
          [constants.ZSTD_c_checksumFlag]: 1,
        },
        ...buffers,
      })
    default:
      return compression satisfies never
  }
}

/** node:zlib hands `highWaterMark` on to the stream that it is. */
const buffers = { chunkSize: 128 * 1024, highWaterMark: 256 * 1024 } as const
