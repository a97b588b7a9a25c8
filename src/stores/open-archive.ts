import { type FileHandle, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { NotFoundError } from '../content/index.ts'
import {
  CompressedBytes,
  keepPlain,
  listPlain,
  type OpenArchiveOptions,
  PlainBytes,
} from './archive-bytes.ts'
import { archiveError } from './archive-error.ts'
import { ArchiveFiles } from './archive-files.ts'
import { placeError } from './place-error.ts'

/**
 * Opens a tar archive, compressed or not, for reading files out of it in any order.
 *
 * A plain archive is listed and read by position, nothing is copied. A compressed one is read through once to
 * list it, small files kept in memory, and a second time into a temporary file when a larger one is wanted;
 * with `whole` it goes there at once. So does a stream, decompressed, as it comes.
 *
 * @param input A path, or a stream that is read to its end.
 */
export async function openArchive(
  input: string | Readable,
  options: OpenArchiveOptions,
): Promise<ArchiveFiles> {
  const display = options.display ?? (typeof input === 'string' ? input : 'the archive')
  const { signal } = options
  signal?.throwIfAborted()
  try {
    return typeof input === 'string'
      ? await openArchiveFile(input, display, options)
      : await openArchiveStream(input, display, options)
  } catch (error) {
    signal?.throwIfAborted()
    throw archiveError(display, error)
  }
}

async function openArchiveFile(
  path: string,
  display: string,
  options: OpenArchiveOptions,
): Promise<ArchiveFiles> {
  const file = await openFile(path, display)
  try {
    const status = await file.stat()
    if (!status.isFile()) return await openArchiveStream(file.createReadStream(), display, options)
    if (await isCompressed(file)) {
      if (options.whole === true)
        return await openArchiveStream(file.createReadStream({ start: 0 }), display, options)
      const bytes = new CompressedBytes(file, status.size, options)
      return new ArchiveFiles(display, await bytes.list(display, options), bytes)
    }
    return new ArchiveFiles(display, await listPlain(file, display, options), new PlainBytes(file))
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openArchiveStream(
  stream: Readable,
  display: string,
  options: OpenArchiveOptions,
): Promise<ArchiveFiles> {
  const kept = await keepPlain(stream, options)
  try {
    return new ArchiveFiles(display, await listPlain(kept, display, options), new PlainBytes(kept))
  } catch (error) {
    await kept.close()
    throw error
  }
}

async function openFile(path: string, display: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new NotFoundError(`Cannot open ${display}: there is no such file`, { cause: error })
    }
    throw placeError(`open ${display}`, error)
  }
}

async function isCompressed(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  const magic = buffer.toString('hex', 0, bytesRead)
  return magic.startsWith('1f8b') || magic === '28b52ffd' || /^5.2a4d18$/.test(magic)
}
