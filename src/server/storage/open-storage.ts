import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { asFileError, FileError } from '../../files/index.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import { openFileBlobs } from './blobs/open-file-blobs.ts'
import { measureBlobs, measureRecords, type OperationListener } from './measure-operations.ts'
import { prepareDataDirectory } from './prepare-data-directory.ts'
import type { RecordStore } from './records/record-store.ts'
import { openSqliteRecords } from './records/sqlite-records.ts'
import { createRegistryStorage } from './registry/create-registry-storage.ts'
import type { RegistryStorage } from './registry/registry-storage.ts'

/** Options of {@link openStorage}. */
export interface OpenStorageOptions {
  /** The time, milliseconds since the epoch. Default: the clock. */
  readonly now?: (() => number) | undefined
  /** How long what lost its last reference stays. Default 7 days. */
  readonly gracePeriodSeconds?: number | undefined
  /** Is told of every operation of the stores when it is over. */
  readonly onOperation?: OperationListener | undefined
  readonly signal?: AbortSignal | undefined
}

/** A data directory that is open. */
export interface OpenedStorage {
  /** The registry's content. */
  readonly storage: RegistryStorage
  /** Where the content's records are, for those who keep others of their own beside them. */
  readonly records: RecordStore
  readonly blobs: BlobStore
  /** Names this process among those that have the directory open; another one after every start. */
  readonly processId: string
  /** Waits for the writes that were begun, and lets go of the directory. */
  close(): Promise<void>
}

const defaultGracePeriodSeconds = 7 * 24 * 60 * 60

/**
 * Opens a registry's data directory, which is made where it is missing: `format.json`, `records.db` and the folders of
 * the blobs. Several processes may have it open at once.
 *
 * @throws {FileError} when it is something else, was written by a later Lading, or cannot be made or written.
 */
export async function openStorage(
  directory: string,
  options: OpenStorageOptions = {},
): Promise<OpenedStorage> {
  const { now = Date.now, gracePeriodSeconds = defaultGracePeriodSeconds, onOperation, signal } = options
  await prepareDataDirectory(directory, { signal })
  await using opening = new AsyncDisposableStack()
  const ownBlobs = await openBlobs(directory)
  opening.defer(async () => ownBlobs.close())
  const recordsFile = join(directory, 'records.db')
  await refuseLostRecords(recordsFile, ownBlobs)
  const ownRecords = await openSqliteRecords(recordsFile, { signal })
  opening.defer(async () => ownRecords.close())

  const records = onOperation === undefined ? ownRecords : measureRecords(ownRecords, onOperation)
  const blobs = onOperation === undefined ? ownBlobs : measureBlobs(ownBlobs, onOperation)
  const processId = randomUUID()
  const storage = createRegistryStorage({
    records,
    blobs,
    processId,
    now,
    gracePeriodMs: gracePeriodSeconds * 1000,
  })
  const opened = opening.move()
  return { storage, records, blobs, processId, close: async () => opened.disposeAsync() }
}

/**
 * Blobs whose records are lost are not to be opened with new, empty ones: they would be removed as belonging to nothing.
 *
 * @throws {FileError}
 */
async function refuseLostRecords(recordsFile: string, blobs: BlobStore): Promise<void> {
  if (await isThere(recordsFile)) return
  if ((await blobs.list({ limit: 1 })).length === 0) return
  // Another process that starts on a new folder has made them meanwhile.
  if (await isThere(recordsFile)) return
  throw new FileError(`Cannot open ${recordsFile}: it is missing, and blobs are there that it would name`, {
    hint: 'Restore it from a backup, or name another data directory.',
  })
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function openBlobs(directory: string): Promise<BlobStore> {
  try {
    return await openFileBlobs(directory)
  } catch (error) {
    throw asFileError(`open the blobs in ${directory}`, error)
  }
}
