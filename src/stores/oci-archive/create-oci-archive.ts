import type { Writable } from 'node:stream'
import type { ArchiveForm, ArchiveTarget, CreateArchiveOptions } from '../archive-form.ts'
import { createArchive } from '../archive-target.ts'
import { layoutEntry } from '../layout-index.ts'
import { stagingDirectory } from '../staging-directory.ts'
import { fileOutput } from '../file-output.ts'

/**
 * A target that becomes an OCI archive: a layout in a tar file. A name is kept as it is given, as
 * `org.opencontainers.image.ref.name`; what has none is listed without. The same content gives the same bytes.
 *
 * Nothing is written before `commit`; a file that is there is replaced then. A stream is not ended.
 *
 * @example
 * await using archive = createOciArchive('image.tar', { compression: 'zstd' })
 * await copyImage(source, archive)
 * await archive.commit()
 */
export function createOciArchive(
  output: string | Writable,
  options: CreateArchiveOptions = {},
): ArchiveTarget {
  const display = options.display ?? `oci-archive:${typeof output === 'string' ? output : '-'}`
  return createArchive(fileOutput(output, display, options), form, display, {
    temporaryDirectory: stagingDirectory(output),
    ...options,
  })
}

const form: ArchiveForm = {
  entry: (descriptor, name) => layoutEntry(descriptor, name),
  files: () => Promise.resolve([]),
}
