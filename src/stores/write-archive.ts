import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Compression, compress, type TarBody, type TarSource, writeTar } from '../archive/index.ts'
import type { OperationOptions } from '../content/index.ts'
import { writeFileAtomically } from '../files/index.ts'
import { placeError } from './place-error.ts'

/** One file of an archive. */
export interface ArchiveFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly body: TarBody
}

/** Options of {@link writeArchive}. */
export interface WriteArchiveOptions extends OperationOptions {
  /** Default `none`. */
  readonly compression: Compression | undefined
  readonly display: string
}

/**
 * Writes files as a tar archive, in the order given, with the directories before them. Nothing in it tells
 * when, where or by whom it was written.
 *
 * @param output A path, whose file appears whole or not at all, unless it is a pipe or a device, which is
 * written to; or a stream, which is not ended.
 */
export async function writeArchive(
  output: string | Writable,
  files: Iterable<ArchiveFile>,
  options: WriteArchiveOptions,
): Promise<void> {
  const { compression = 'none', display, signal } = options
  signal?.throwIfAborted()
  try {
    if (typeof output !== 'string') await writeToStream(output, files, compression, signal, false)
    else if (await isSpecial(output))
      await writeToStream(createWriteStream(output), files, compression, signal, true)
    else await writeFileAtomically(output, archiveStream(files, compression), { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw placeError(`write ${display}`, error)
  }
}

async function writeToStream(
  output: Writable,
  files: Iterable<ArchiveFile>,
  compression: Compression,
  signal: AbortSignal | undefined,
  end: boolean,
): Promise<void> {
  await pipeline(archiveStream(files, compression), output, signal === undefined ? { end } : { end, signal })
}

/** The bytes of the archive that {@link writeArchive} writes. */
export function archiveStream(files: Iterable<ArchiveFile>, compression: Compression): Readable {
  const plain = Readable.from(writeTar(tarSources(files)), { objectMode: false })
  if (compression === 'none') return plain
  const compressed = compress(compression)
  // An error of `plain` ends `compressed`, where the reader sees it.
  pipeline(plain, compressed).catch(() => undefined)
  return compressed
}

function* tarSources(files: Iterable<ArchiveFile>): Generator<TarSource> {
  const made = new Set<string>()
  for (const { path, size, body } of files) {
    const parts = path.split('/').slice(0, -1)
    for (const [depth] of parts.entries()) {
      const directory = parts.slice(0, depth + 1).join('/')
      if (!made.has(directory)) yield { header: { path: directory, type: 'directory' } }
      made.add(directory)
    }
    yield { header: { path, type: 'file', size }, body }
  }
}

/** Says whether a path leads to something that is written to rather than replaced: `/dev/stdout`, a named pipe. */
async function isSpecial(path: string): Promise<boolean> {
  try {
    const status = await stat(path)
    return !status.isFile() && !status.isDirectory()
  } catch {
    return false
  }
}
