import type { Readable } from 'node:stream'
import type { Decompressed, ReadArchiveOptions } from './types.ts'

export async function decompress(stream: Readable, options: ReadArchiveOptions = {}): Promise<Decompressed> {
  throw new Error(`not yet ${String(stream)} ${String(options)}`)
}
