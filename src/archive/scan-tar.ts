import type { FileHandle } from 'node:fs/promises'
import { FileSource } from './file-source.ts'
import { TarDecoder } from './tar-decoder.ts'
import type { ReadArchiveOptions, TarEntry } from './types.ts'

/**
 * The entries of an uncompressed tar file on disk, as {@link readTar} gives them; bodies that are not asked
 * for are not read. `offset` and `size` say where a body that is not sparse may be read later.
 *
 * The file stays open and belongs to the caller.
 *
 * @throws {DamagedArchiveError} when the archive is cut short or a header is not what the formats demand.
 * @throws {ArchiveLimitError} when it passes one of the limits.
 */
export async function* scanTar(
  file: FileHandle,
  options: ReadArchiveOptions = {},
): AsyncGenerator<TarEntry, void, undefined> {
  options.signal?.throwIfAborted()
  const { size } = await file.stat()
  yield* new TarDecoder(new FileSource(file, size, options.signal), options.limits).entries()
}
