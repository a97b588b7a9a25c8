import { StreamSource } from './stream-source.ts'
import { TarDecoder } from './tar-decoder.ts'
import type { ReadArchiveOptions, TarEntry } from './types.ts'

/**
 * The entries of a tar archive as they pass in `stream`: ustar, PAX, GNU (long names, sparse) and V7.
 *
 * An archive ends with two blocks of zeros, or, as some writers leave it, with the bytes after a whole
 * entry; what follows the zeros is read away, so that a verifying stream behind sees its end. Leaving the
 * loop early destroys the stream. Bodies are pieces of the stream's own chunks, not copied.
 *
 * A path or link target that is not UTF-8 holds its bytes as lone surrogates U+DC80–U+DCFF; `encodeTarHeader`
 * writes them back as they were. Paths are not judged here: `..` and absolute ones are given as they are.
 *
 * @throws {DamagedArchiveError} when the archive is cut short or a header is not what the formats demand.
 * @throws {ArchiveLimitError} when it passes one of the limits.
 */
export function readTar(
  stream: AsyncIterable<Uint8Array>,
  options: ReadArchiveOptions = {},
): AsyncGenerator<TarEntry, void, undefined> {
  return new TarDecoder(new StreamSource(stream, options.signal), options.limits).entries()
}
