import { stat } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { UnavailableError } from '../content/index.ts'
import type { ArchiveOutput, CreateArchiveOptions } from './archive-form.ts'
import { writeArchive } from './write-archive.ts'

/** Sends an archive to a file or a stream, as {@link writeArchive} does. */
export function fileOutput(
  output: string | Writable,
  display: string,
  { compression }: CreateArchiveOptions,
): ArchiveOutput {
  return {
    prepare: async () => {
      if (typeof output === 'string') await refuseDirectory(output, display)
    },
    write: (files, { signal }) => writeArchive(output, files, { compression, display, signal }),
  }
}

async function refuseDirectory(path: string, display: string): Promise<void> {
  const isDirectory = await stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  )
  if (!isDirectory) return
  throw new UnavailableError(`Cannot write ${display}: it is a directory`, {
    hint: 'Name a file; an OCI layout in a directory is named oci:DIR.',
  })
}
