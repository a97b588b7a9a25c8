import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { type ArchiveLimits, decompress, readTar, scanTar } from '../archive/index.ts'
import { type FetchOptions, NotFoundError, type OperationOptions } from '../content/index.ts'
import { spoolStream } from '../files/index.ts'
import { archiveError } from './archive-error.ts'
import { ArchiveListing } from './archive-listing.ts'
import type { LayoutFiles } from './layout-files.ts'
import { placeError } from './place-error.ts'
import { type Region, regionStream } from './region-stream.ts'

/** Options of whatever opens an archive. */
export interface OpenArchiveOptions extends OperationOptions {
  /** How messages name it. */
  readonly display?: string
  /** Where a stream, or a compressed archive that blobs are read from, is kept while it is open; default the system's. */
  readonly temporaryDirectory?: string
  /** The most bytes to keep there; default 100 GiB. */
  readonly temporaryLimit?: number
}

/** Bounds for archives of images: they hold a few files for each layer. */
const limits: ArchiveLimits = { entries: 200_000, pathLength: 4096 }

const temporaryLimit = 100 * 1024 ** 3

/** Files of a compressed archive that are kept in memory while it is listed, so that looking at an image takes one pass. */
const keptSize = 256 * 1024
const keptTotal = 32 * 1024 * 1024

/**
 * Opens a tar archive, compressed or not, for reading files out of it in any order.
 *
 * A plain archive is listed and read by position, nothing is copied. A compressed one is read through once to
 * list it, small files kept in memory, and a second time into a temporary file when a larger one is wanted. A
 * stream goes into a temporary file, decompressed, as it comes.
 *
 * @param input A path, or a stream that is read to its end.
 */
export async function openArchive(
  input: string | Readable,
  options: OpenArchiveOptions,
): Promise<ArchiveFiles> {
  const display = options.display ?? (typeof input === 'string' ? input : 'the archive')
  const { signal } = options
  signal?.throwIfAborted()
  try {
    return typeof input === 'string'
      ? await openArchiveFile(input, display, options)
      : await openArchiveStream(input, display, options)
  } catch (error) {
    signal?.throwIfAborted()
    throw archiveError(display, error)
  }
}

/** The files of an archive. Ends by {@link close}, or by `await using`. */
export class ArchiveFiles implements LayoutFiles, AsyncDisposable {
  readonly display: string
  readonly listing: ArchiveListing
  readonly #bytes: ArchiveBytes

  constructor(display: string, listing: ArchiveListing, bytes: ArchiveBytes) {
    this.display = display
    this.listing = listing
    this.#bytes = bytes
  }

  async size(path: string, options: OperationOptions = {}): Promise<number | undefined> {
    options.signal?.throwIfAborted()
    return this.listing.find(path)?.size
  }

  async open(path: string, options: FetchOptions = {}): Promise<Readable> {
    options.signal?.throwIfAborted()
    const region = this.listing.find(path)
    if (region === undefined)
      throw new NotFoundError(`Cannot read ${path} of ${this.display}: it is not there`)
    try {
      return await this.#bytes.open(region, `${path} of ${this.display}`, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      throw archiveError(this.display, error)
    }
  }

  /** Closes the file and removes what was kept of it. */
  async close(): Promise<void> {
    await this.#bytes.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

interface ArchiveBytes {
  open(region: Region, what: string, options: FetchOptions): Promise<Readable>
  close(): Promise<void>
}

async function openArchiveFile(
  path: string,
  display: string,
  options: OpenArchiveOptions,
): Promise<ArchiveFiles> {
  const file = await openFile(path, display)
  try {
    const status = await file.stat()
    if (!status.isFile()) return await openArchiveStream(file.createReadStream(), display, options)
    if (await isCompressed(file)) {
      const bytes = new CompressedBytes(file, status.size, options)
      return new ArchiveFiles(display, await bytes.list(display, options), bytes)
    }
    return new ArchiveFiles(display, await listPlain(file, display, options), new PlainBytes(file))
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openArchiveStream(
  stream: Readable,
  display: string,
  options: OpenArchiveOptions,
): Promise<ArchiveFiles> {
  const kept = await keepPlain(stream, options)
  try {
    return new ArchiveFiles(display, await listPlain(kept, display, options), new PlainBytes(kept))
  } catch (error) {
    await kept.close()
    throw error
  }
}

async function openFile(path: string, display: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new NotFoundError(`Cannot open ${display}: there is no such file`, { cause: error })
    }
    throw placeError(`open ${display}`, error)
  }
}

async function isCompressed(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  const magic = buffer.toString('hex', 0, bytesRead)
  return magic.startsWith('1f8b') || magic === '28b52ffd' || /^5.2a4d18$/.test(magic)
}

async function listPlain(
  file: FileHandle,
  display: string,
  { signal }: OperationOptions,
): Promise<ArchiveListing> {
  const listing = new ArchiveListing(display)
  for await (const entry of scanTar(file, { limits, signal })) listing.add(entry)
  return listing
}

/** Keeps a stream, decompressed, in a temporary file that has no name any more: nothing stays of it when the process is killed. */
async function keepPlain(stream: Readable, options: OpenArchiveOptions): Promise<FileHandle> {
  const { signal, temporaryDirectory = tmpdir() } = options
  const limit = options.temporaryLimit ?? temporaryLimit
  // Its readers pass its errors on; one that comes when none is at it, as it is ended, is not for the process.
  stream.on('error', () => undefined)
  const plain = await decompress(stream, { limits: { ...limits, size: limit }, signal })
  await using spool = await spoolStream(plain.stream, { directory: temporaryDirectory, limit, signal })
  return await open(spool.path)
}

class PlainBytes implements ArchiveBytes {
  readonly #file: FileHandle

  constructor(file: FileHandle) {
    this.#file = file
  }

  async open(region: Region, what: string, options: FetchOptions): Promise<Readable> {
    return regionStream(this.#file, region, what, options)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

class CompressedBytes implements ArchiveBytes {
  readonly #file: FileHandle
  readonly #size: number
  readonly #options: OpenArchiveOptions
  readonly #kept = new Map<number, Uint8Array>()
  #plain: Promise<PlainBytes> | undefined

  constructor(file: FileHandle, size: number, options: OpenArchiveOptions) {
    this.#file = file
    this.#size = size
    this.#options = options
  }

  async list(display: string, { signal }: OperationOptions): Promise<ArchiveListing> {
    const listing = new ArchiveListing(display)
    let room = keptTotal
    const { stream } = await decompress(this.#read(), { limits, signal })
    for await (const entry of readTar(stream, { limits, signal })) {
      listing.add(entry)
      if (entry.type !== 'file' || entry.sparse || entry.size > Math.min(keptSize, room)) continue
      this.#kept.set(entry.offset, await entry.bytes(keptSize))
      room -= entry.size
    }
    return listing
  }

  async open(region: Region, what: string, options: FetchOptions): Promise<Readable> {
    const kept = this.#kept.get(region.offset)
    if (kept !== undefined && kept.length === region.size) {
      const { start = 0, end = region.size - 1 } = options.range ?? {}
      return Readable.from(start > end ? [] : [kept.subarray(start, end + 1)], { objectMode: false })
    }
    // One pass for everybody, whose signals differ: a failure is told to those who wait, and tried again by who comes later.
    this.#plain ??= this.#unpack().catch((error: unknown) => {
      this.#plain = undefined
      throw error
    })
    return (await this.#plain).open(region, what, options)
  }

  async close(): Promise<void> {
    const plain = this.#plain
    this.#plain = undefined
    await this.#file.close()
    await plain?.then(
      (bytes) => bytes.close(),
      () => undefined,
    )
  }

  async #unpack(): Promise<PlainBytes> {
    const { signal: _, ...options } = this.#options
    return new PlainBytes(await keepPlain(this.#read(), options))
  }

  #read(): Readable {
    return regionStream(this.#file, { offset: 0, size: this.#size }, 'the compressed archive')
  }
}
