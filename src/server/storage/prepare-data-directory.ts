import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  asFileError,
  FileError,
  makeDirectory,
  withFileLock,
  writeFileAtomically,
} from '../../files/index.ts'

/** The file that makes a folder a registry's data directory. */
const formatFile = 'format.json'

/** What that file says, besides the version. */
const formatName = 'lading-registry'

/** The version of the layout of folders that this code reads and writes. */
const formatVersion = 1

/** The file is some fifty bytes. */
const maxFormatBytes = 4096

/**
 * Makes a folder a registry's data directory, with access for its owner alone, unless it is one already. A folder that
 * holds anything else is left as it is.
 *
 * @throws {FileError} when it is something else, of a later version, or cannot be written.
 */
export async function prepareDataDirectory(
  directory: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { signal } = options
  signal?.throwIfAborted()
  await makeDataDirectory(directory)
  if (await hasFormat(directory)) return
  await refuseForeignContent(directory)
  const file = join(directory, formatFile)
  // Another process may be doing the same.
  await withFileLock(
    file,
    async () => {
      if (await hasFormat(directory)) return
      const format = { format: formatName, version: formatVersion }
      await writeFileAtomically(file, `${JSON.stringify(format)}\n`, { mode: 0o600, signal })
    },
    { signal },
  )
}

async function makeDataDirectory(directory: string): Promise<void> {
  try {
    await makeDirectory(directory, 0o700)
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) {
      throw new FileError(`Cannot make the data directory ${directory}: there is a file of that name`, {
        hint: 'Name another folder, or move that file away.',
        cause: error,
      })
    }
    throw asFileError(`make the data directory ${directory}`, error)
  }
}

/** Whether the folder is a data directory. @throws {FileError} when it is one that this code cannot read. */
async function hasFormat(directory: string): Promise<boolean> {
  const text = await readFormatFile(join(directory, formatFile))
  if (text === undefined) return false
  const version = parseFormat(text)
  if (version === formatVersion) return true
  if (version === undefined) {
    throw new FileError(`Cannot use ${directory}: its ${formatFile} is not that of a registry`, {
      hint: 'Name another data directory.',
    })
  }
  throw new FileError(
    `Cannot use ${directory}: its format is ${version}, this Lading reads and writes ${formatVersion}`,
    { hint: 'Use the Lading that wrote it, or a later one.' },
  )
}

async function readFormatFile(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxFormatBytes), 0, maxFormatBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw asFileError(`read ${path}`, error)
  }
}

/** The version that the file says; undefined where it is something else. */
function parseFormat(text: string): number | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  if (!('format' in parsed) || parsed.format !== formatName || !('version' in parsed)) return undefined
  return typeof parsed.version === 'number' ? parsed.version : undefined
}

async function refuseForeignContent(directory: string): Promise<void> {
  const names = await listNames(directory)
  const foreign = names.find((name) => !mayBeThere.test(name))
  if (foreign === undefined) return
  throw new FileError(
    `Cannot use ${directory}: it is not empty and no data directory (it holds ${foreign})`,
    {
      hint: 'Name another folder; it is made where it is missing.',
    },
  )
}

async function listNames(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    throw asFileError(`use ${directory} as the data directory`, error)
  }
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** What a start that was killed leaves behind, and what file systems put at the root of a new volume. */
const mayBeThere = /^(?:\.format\.json\.lock|\.[0-9a-f]{24}\.tmp|lost\+found)$/
