import type { Writable } from 'node:stream'
import type { ArchiveOutput, CreateArchiveOptions } from './archive-form.ts'
import { writeArchive } from './write-archive.ts'

/** Sends an archive to a file or a stream, as {@link writeArchive} does. */
export function fileOutput(
  output: string | Writable,
  display: string,
  { compression }: CreateArchiveOptions,
): ArchiveOutput {
  return { write: (files, { signal }) => writeArchive(output, files, { compression, display, signal }) }
}
