import type { Readable } from 'node:stream'
import type { OpenArchiveOptions } from '../archive-bytes.ts'
import type { ArchiveFiles } from '../archive-files.ts'
import { openArchive } from '../open-archive.ts'
import { type ArchiveSource, LayoutArchive } from '../archive-source.ts'
import { DamagedContentError, type OperationOptions } from '../../content/index.ts'
import { readSmallFile } from '../layout-files.ts'
import { LayoutReader } from '../layout-reader.ts'
import { DockerArchive } from './docker-archive.ts'
import { dockerManifestLimit, parseDockerManifest } from './docker-manifest.ts'

/**
 * Opens what `docker save`, `podman save` or Lading wrote: a tar file, plain, gzip or zstd, with a `manifest.json`.
 *
 * Where the archive holds an OCI image layout too, as Docker 25 and later write, its manifests are given with
 * their exact bytes. Where there is none, an OCI manifest is put together: the stored config and layers as they
 * are, media types told by the bytes. It is the same at every time for the same archive.
 *
 * Names are image references; `''` gives the only image there, `@0` the first of several, and a digest is that
 * of a manifest or of a config, which is Docker's image ID.
 *
 * @param input A path, or a stream that is read to its end and kept in a temporary file.
 * @throws {NotFoundError} when there is no such file.
 * @throws {DamagedContentError} when it is no tar archive, is cut short, or holds no `manifest.json`.
 * @throws {LimitExceededError} @throws {UnsupportedError}
 */
export async function openDockerArchive(
  input: string | Readable,
  options: OpenArchiveOptions = {},
): Promise<ArchiveSource> {
  const display = options.display ?? `docker-archive:${typeof input === 'string' ? input : '-'}`
  const files = await openArchive(input, { ...options, display })
  try {
    return await readArchive(files, options)
  } catch (error) {
    await files.close()
    throw error
  }
}

async function readArchive(files: ArchiveFiles, options: OperationOptions): Promise<ArchiveSource> {
  const hasLayout = (await files.size('index.json', options)) !== undefined
  const layout = hasLayout ? new LayoutReader(files) : undefined
  if ((await files.size('manifest.json', options)) !== undefined) {
    const manifest = await readSmallFile(files, 'manifest.json', dockerManifestLimit, options)
    return new DockerArchive(files, parseDockerManifest(manifest, files.display), layout)
  }
  // An index of artifacts alone, or what an OCI tool wrote under this name.
  if (layout !== undefined) return new LayoutArchive(files, layout)
  throw new DamagedContentError(
    `Cannot open ${files.display}: it is no docker-archive, ${files.listing.isEmpty ? 'there is nothing' : 'there is no file manifest.json'} in it`,
    {
      hint: 'A file system in a tar file is no image; the archive of an image is what docker save writes.',
    },
  )
}
