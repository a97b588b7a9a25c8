import type { Writable } from 'node:stream'
import type { ArchiveTarget, CreateArchiveOptions } from '../archive-form.ts'
import { createArchive } from '../archive-target.ts'
import type { Platform } from '../../oci/index.ts'
import { stagingDirectory } from '../staging-directory.ts'
import { fileOutput } from '../file-output.ts'
import { DockerForm } from './docker-form.ts'

/** Options of {@link createDockerArchive}. */
export interface CreateDockerArchiveOptions extends CreateArchiveOptions {
  /** Which image of an index Docker gets where it reads `manifest.json`; default, and where that is not whole, the first that is. */
  readonly platform?: Platform
}

/**
 * A target that becomes one archive for everybody: an OCI image layout, whole indexes and referrers included,
 * and beside it the `manifest.json` that `docker load` and `podman load` of every version read. Names are image
 * references (`python:3.12-slim`). The same content gives the same bytes.
 *
 * Nothing is written before `commit`; a file that is there is replaced then. A stream is not ended.
 */
export function createDockerArchive(
  output: string | Writable,
  options: CreateDockerArchiveOptions = {},
): ArchiveTarget {
  const display = options.display ?? `docker-archive:${typeof output === 'string' ? output : '-'}`
  return createArchive(
    fileOutput(output, display, options),
    new DockerForm(display, options.platform),
    display,
    { temporaryDirectory: stagingDirectory(output), ...options },
  )
}
