import type { ByteSource } from './byte-source.ts'
import { ArchiveLimitError, DamagedArchiveError } from './errors.ts'
import type { SparseMap } from './sparse-map.ts'
import type { TarEntry, TarEntryType, TarHeader } from './types.ts'

const zeros = Buffer.alloc(64 * 1024)

/** An entry whose body stands next in the source. */
export class DecodedEntry implements TarEntry {
  readonly path: string
  readonly type: TarEntryType
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly userName: string
  readonly groupName: string
  readonly mtime: number
  readonly size: number
  readonly linkPath: string
  readonly deviceMajor: number
  readonly deviceMinor: number
  readonly pax: ReadonlyMap<string, string>
  readonly offset: number
  readonly #source: ByteSource
  readonly #map: SparseMap | undefined

  constructor(source: ByteSource, header: TarHeader, map: SparseMap | undefined) {
    this.path = header.path
    this.type = header.type
    this.mode = header.mode
    this.uid = header.uid
    this.gid = header.gid
    this.userName = header.userName
    this.groupName = header.groupName
    this.mtime = header.mtime
    this.size = header.size
    this.linkPath = header.linkPath
    this.deviceMajor = header.deviceMajor
    this.deviceMinor = header.deviceMinor
    this.pax = header.pax
    this.offset = source.position
    this.#source = source
    this.#map = map
  }

  get sparse(): boolean {
    return this.#map !== undefined
  }

  body(): AsyncIterable<Uint8Array> {
    this.#demandNext()
    return this.#map === undefined ? this.#data(this.size) : this.#filled(this.#map)
  }

  bodyNow(): Uint8Array | undefined {
    this.#demandNext()
    return this.#map === undefined ? this.#source.takeNow(this.size) : undefined
  }

  async bytes(limit: number): Promise<Uint8Array> {
    if (this.size > limit) {
      throw new ArchiveLimitError(
        `Cannot read ${JSON.stringify(this.path)} into memory: it has ${this.size} bytes, more than the ${limit} that are allowed`,
      )
    }
    const bytes = Buffer.allocUnsafe(this.size)
    let length = 0
    for await (const piece of this.body()) {
      bytes.set(piece, length)
      length += piece.length
    }
    return bytes
  }

  #demandNext(): void {
    if (this.#source.position !== this.offset) {
      throw new TypeError(`Cannot read the body of ${this.path}: it has passed in the stream already`)
    }
  }

  async *#data(size: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let missing = size; missing > 0;) {
      const piece = await this.#source.piece(missing)
      if (piece === undefined) {
        throw new DamagedArchiveError(
          `Cannot read tar archive: it is cut short at byte ${this.#source.position}, ${missing} bytes before the end of entry ${JSON.stringify(this.path.slice(0, 200))}`,
        )
      }
      missing -= piece.length
      yield piece
    }
  }

  async *#filled(map: SparseMap): AsyncGenerator<Uint8Array, void, undefined> {
    let position = 0
    for (const { offset, length } of map.extents) {
      yield* holes(offset - position)
      yield* this.#data(length)
      position = offset + length
    }
    yield* holes(map.realSize - position)
  }
}

function* holes(size: number): Generator<Uint8Array, void, undefined> {
  for (let missing = size; missing > 0; missing -= zeros.length) {
    yield missing < zeros.length ? zeros.subarray(0, missing) : zeros
  }
}
