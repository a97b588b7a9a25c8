import type { Transform } from 'node:stream'
import type { Compression } from './types.ts'

/** Options of {@link compress}. */
export interface CompressOptions {
  /** gzip 1–9, default 6; zstd 1–19, default 3. */
  readonly level?: number
}

/** A transform that compresses; the same input gives the same bytes. */
export function compress(compression: Compression, options: CompressOptions = {}): Transform {
  throw new Error(`not yet ${compression} ${String(options)}`)
}
