import type { FileHandle } from 'node:fs/promises'
import type { ReadArchiveOptions, TarEntry } from './types.ts'

/** Entries of an uncompressed archive on disk, bodies skipped by position and readable by `offset`. */
export async function* scanTar(
  file: FileHandle,
  options: ReadArchiveOptions = {},
): AsyncGenerator<TarEntry, void, undefined> {
  throw new Error(`not yet ${String(file)} ${String(options)}`)
}
