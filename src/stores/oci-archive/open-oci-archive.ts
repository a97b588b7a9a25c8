import type { Readable } from 'node:stream'
import type { OpenArchiveOptions } from '../archive-bytes.ts'
import type { ArchiveFiles } from '../archive-files.ts'
import { openArchive } from '../open-archive.ts'
import { type ArchiveSource, LayoutArchive } from '../archive-source.ts'
import { DamagedContentError, type OperationOptions } from '../../content/index.ts'
import { checkLayoutHeader, layoutHeaderLimit } from '../layout-header.ts'
import { readSmallFile } from '../layout-files.ts'
import { LayoutReader } from '../layout-reader.ts'

/**
 * Opens an OCI archive: an OCI image layout in a tar file, plain, gzip or zstd.
 *
 * @param input A path, or a stream that is read to its end and kept in a temporary file.
 * @throws {NotFoundError} when there is no such file.
 * @throws {DamagedContentError} when it is no tar archive, is cut short, or holds no layout.
 * @throws {LimitExceededError} @throws {UnsupportedError}
 */
export async function openOciArchive(
  input: string | Readable,
  options: OpenArchiveOptions = {},
): Promise<ArchiveSource> {
  const display = options.display ?? `oci-archive:${typeof input === 'string' ? input : '-'}`
  const files = await openArchive(input, { ...options, display })
  try {
    await checkLayout(files, options)
    return new LayoutArchive(files, new LayoutReader(files))
  } catch (error) {
    await files.close()
    throw error
  }
}

async function checkLayout(files: ArchiveFiles, options: OperationOptions): Promise<void> {
  for (const path of ['oci-layout', 'index.json']) {
    if ((await files.size(path, options)) === undefined) {
      throw new DamagedContentError(
        `Cannot open ${files.display}: it is no OCI archive, ${files.listing.isEmpty ? 'there is nothing' : `there is no file ${path}`} in it`,
        {
          hint: 'What docker save wrote is named docker-archive:FILE.',
        },
      )
    }
  }
  checkLayoutHeader(await readSmallFile(files, 'oci-layout', layoutHeaderLimit, options), files.display)
}
