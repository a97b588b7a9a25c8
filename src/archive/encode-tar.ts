import type { TarHeaderInit } from './types.ts'

/** The end of an archive: two blocks of zeros. */
export const tarEnd: Buffer = Buffer.alloc(1024)

/** The header blocks of an entry, PAX blocks before it where ustar cannot say it. */
export function encodeTarHeader(header: TarHeaderInit): Buffer {
  throw new Error(`not yet ${header.path}`)
}

/** The zeros that follow a body of `size` bytes. */
export function tarPadding(size: number): Buffer {
  return tarEnd.subarray(0, -size & 511)
}
