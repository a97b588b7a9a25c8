import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { type ArchiveLimits, decompress, readTar, scanTar } from '../archive/index.ts'
import type { FetchOptions, OperationOptions } from '../content/index.ts'
import { spoolStream } from '../files/index.ts'
import { ArchiveListing } from './archive-listing.ts'
import { type Region, regionStream } from './region-stream.ts'

/** Options of whatever opens an archive. */
export interface OpenArchiveOptions extends OperationOptions {
  /** How messages name it. */
  readonly display?: string
  /** Where a stream, or a compressed archive that blobs are read from, is kept while it is open; default the system's. */
  readonly temporaryDirectory?: string
  /** All of it will be read: a compressed archive is kept there in the one pass that lists it; default false. */
  readonly whole?: boolean
  /** The most bytes to keep there; default 100 GiB. */
  readonly temporaryLimit?: number
}

/** Bounds for archives of images: they hold a few files for each layer. */
const limits: ArchiveLimits = { entries: 200_000, pathLength: 4096 }

const temporaryLimit = 100 * 1024 ** 3

/** Files of a compressed archive that are kept in memory while it is listed, so that looking at an image takes one pass. */
const keptSize = 256 * 1024
const keptTotal = 32 * 1024 * 1024

/** Where the bytes of an archive's files come from. */
export interface ArchiveBytes {
  open(region: Region, what: string, options: FetchOptions): Promise<Readable>
  close(): Promise<void>
}

/** Lists an archive that is not compressed, by position: bodies are not read. */
export async function listPlain(
  file: FileHandle,
  display: string,
  { signal }: OperationOptions,
): Promise<ArchiveListing> {
  const listing = new ArchiveListing(display)
  for await (const entry of scanTar(file, { limits, signal })) listing.add(entry)
  return listing
}

/** Keeps a stream, decompressed, in a temporary file that has no name any more: nothing stays of it when the process is killed. */
export async function keepPlain(stream: Readable, options: OpenArchiveOptions): Promise<FileHandle> {
  const { signal, temporaryDirectory = tmpdir() } = options
  const limit = options.temporaryLimit ?? temporaryLimit
  // Its readers pass its errors on; one that comes when none is at it, as it is ended, is not for the process.
  stream.on('error', () => undefined)
  const plain = await decompress(stream, { limits: { ...limits, size: limit }, signal })
  await using spool = await spoolStream(plain.stream, { directory: temporaryDirectory, limit, signal })
  return await open(spool.path)
}

/** An archive that is not compressed, in a file. */
export class PlainBytes implements ArchiveBytes {
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

/** A compressed archive in a file: small files are kept in memory as it is listed, the rest waits until it is wanted. */
export class CompressedBytes implements ArchiveBytes {
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
