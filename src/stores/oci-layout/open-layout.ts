import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { NotFoundError, type OperationOptions } from '../../content/index.ts'
import { UsageError } from '../../errors/index.ts'
import { makeDirectory, withFileLock, writeFileAtomically } from '../../files/index.ts'
import { checkLayoutHeader, layoutHeader, layoutHeaderLimit } from '../layout-header.ts'
import { readSmallFile } from '../layout-files.ts'
import { emptyLayoutIndex, serializeLayoutIndex } from '../layout-index.ts'
import { shownName } from '../name-not-found.ts'
import { placeError } from '../place-error.ts'
import { DirectoryFiles } from './directory-files.ts'
import { DirectoryLayout, type OciLayout } from './directory-layout.ts'
import { removeStaleFiles } from './remove-stale-files.ts'

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
 * @throws {DamagedContentError} when `oci-layout` cannot be read.
 * @throws {UsageError} when it is to be made in a directory that holds other things.
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
    await makeDirectory(root)
    await removeStaleFiles(root)
    if (await isComplete(files, options)) return
    await refuseOtherThings(root, files.display)
    // Under the lock, or two that make one layout at once would empty each other's index.
    await withFileLock(join(root, 'index.json'), () => fillLayout(files, options), {
      signal: options.signal,
    })
  } catch (error) {
    throw placeError(`make ${files.display}`, error)
  }
}

async function fillLayout(files: DirectoryFiles, { signal }: OperationOptions): Promise<void> {
  if ((await files.size('index.json', { signal })) === undefined) {
    await writeFileAtomically(await files.place('index.json'), serializeLayoutIndex(emptyLayoutIndex), {
      signal,
    })
  }
  if ((await files.size('oci-layout', { signal })) === undefined) {
    await writeFileAtomically(await files.place('oci-layout'), layoutHeader, { signal })
  }
}

/** A project's directory that was named by mistake must not become a layout; one that was left half made may. */
async function refuseOtherThings(root: string, display: string): Promise<void> {
  const other = (await readdir(root)).find((name) => !layoutName.test(name))
  if (other === undefined) return
  throw new UsageError(
    `Cannot make ${display}: the directory is no OCI image layout, and holds other things (${shownName(other)})`,
    {
      hint: 'Name an empty directory, or one that does not exist yet.',
    },
  )
}

/** What a layout holds, finished or not: its own files, locks and temporary files. */
const layoutName = /^(?:oci-layout|index\.json|blobs|\..*\.(?:lock.*|tmp))$/

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
