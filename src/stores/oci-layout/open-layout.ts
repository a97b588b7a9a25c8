import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { NotFoundError, type OperationOptions } from '../../content/index.ts'
import { withFileLock, writeFileAtomically } from '../../files/index.ts'
import { checkLayoutHeader, layoutHeader, layoutHeaderLimit } from '../layout-header.ts'
import { readSmallFile } from '../layout-files.ts'
import { emptyLayoutIndex, serializeLayoutIndex } from '../layout-index.ts'
import { placeError } from '../place-error.ts'
import { DirectoryFiles } from './directory-files.ts'
import { DirectoryLayout, type OciLayout } from './directory-layout.ts'

/** Options of {@link openLayout}. */
export interface OpenLayoutOptions extends OperationOptions {
  /** Make the layout, and its directory, where there is none; default false. */
  readonly create?: boolean
  /** How messages name it; default `oci:` and the directory. */
  readonly display?: string
  /**
   * Follow symbolic links that lead out of the layout; default false. Only for layouts of one's own making:
   * what such a link leads to is read with the rights of the reader.
   */
  readonly outsideLinks?: boolean
}

/**
 * Opens an OCI image layout in a directory (image-layout.md).
 *
 * @throws {NotFoundError} when there is none and it is not to be made.
 * @throws {UnsupportedError} when it is of a version other than 1.
 * @throws {DamagedContentError} when `oci-layout` cannot be read, or `create` meets a directory that holds other things.
 */
export async function openLayout(directory: string, options: OpenLayoutOptions = {}): Promise<OciLayout> {
  const { create = false, display = `oci:${directory}`, outsideLinks = false, signal } = options
  signal?.throwIfAborted()
  const root = resolve(directory)
  const files = new DirectoryFiles(root, display, outsideLinks)
  if (create) await createLayout(root, files, options)
  await checkVersion(files, options)
  return new DirectoryLayout(root, files)
}

async function createLayout(root: string, files: DirectoryFiles, options: OperationOptions): Promise<void> {
  try {
    await mkdir(root, { recursive: true })
  } catch (error) {
    throw placeError(`make ${files.display}`, error)
  }
  if (await isComplete(files, options)) return
  // Under the lock, or two that make one layout at once would empty each other's index.
  await withFileLock(
    join(root, 'index.json'),
    async () => {
      if ((await files.size('index.json', options)) === undefined) {
        await writeFileAtomically(join(root, 'index.json'), serializeLayoutIndex(emptyLayoutIndex), options)
      }
      if ((await files.size('oci-layout', options)) === undefined) {
        await writeFileAtomically(join(root, 'oci-layout'), layoutHeader, options)
      }
    },
    options,
  )
}

async function isComplete(files: DirectoryFiles, options: OperationOptions): Promise<boolean> {
  return (
    (await files.size('index.json', options)) !== undefined &&
    (await files.size('oci-layout', options)) !== undefined
  )
}

async function checkVersion(files: DirectoryFiles, options: OperationOptions): Promise<void> {
  if ((await files.size('oci-layout', options)) === undefined) {
    throw new NotFoundError(
      `Cannot open ${files.display}: it is not an OCI image layout, there is no file oci-layout in it`,
      {
        hint: 'An archive is named oci-archive:FILE or docker-archive:FILE.',
      },
    )
  }
  checkLayoutHeader(await readSmallFile(files, 'oci-layout', layoutHeaderLimit, options), files.display)
}
