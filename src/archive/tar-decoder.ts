import type { ByteSource } from './byte-source.ts'
import { decodeBlock, hasRightChecksum, isZeroBlock, type TarBlock } from './decode-block.ts'
import { defaultLimits } from './default-limits.ts'
import { DecodedEntry } from './decoded-entry.ts'
import { type EntryAttributes, PaxProblem, PaxState } from './entry-attributes.ts'
import { ArchiveLimitError, DamagedArchiveError } from './errors.ts'
import { type PaxRecord, parsePaxRecords } from './pax-records.ts'
import { readGnuSparseMap, readPaxSparseMap } from './read-sparse-map.ts'
import { type SparseMap, sparseMapProblem } from './sparse-map.ts'
import { decodeTarText } from './tar-text.ts'
import type { ArchiveLimits, TarEntry, TarEntryType } from './types.ts'

const types: Readonly<Record<string, TarEntryType>> = {
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  D: 'directory',
  '6': 'fifo',
}

/** Entries that say something about the archive and nothing that is extracted: volume label, old GNU names, Solaris ACLs. */
const passedOver = new Set(['V', 'N', 'A'])

/** Global PAX records stand for every entry that follows: a few small ones cost nothing, many make a bomb. */
const globalLimit = 16 * 1024

/** Holes of so many bytes are no bomb, however small the archive: `/var/log/lastlog` is sparse. */
const freeHoles = 1024 ** 3

/** Decodes one archive; see `readTar` for what it accepts. */
export class TarDecoder {
  readonly #source: ByteSource
  readonly #limits: Required<ArchiveLimits>
  readonly #pax = new PaxState()
  #headers = 0
  #size = 0
  /** Bytes of sparse files that the archive does not hold. */
  #holes = 0
  /** Where the header after the current entry stands. */
  #nextHeader = 0
  #lastPath = ''
  /** What stands before the next entry and belongs to it. */
  #local: readonly PaxRecord[] = []
  #longPath: string | undefined
  #longLink: string | undefined

  constructor(source: ByteSource, limits: ArchiveLimits = {}) {
    this.#source = source
    this.#limits = {
      entries: limits.entries ?? defaultLimits.entries,
      pathLength: limits.pathLength ?? defaultLimits.pathLength,
      headerSize: limits.headerSize ?? defaultLimits.headerSize,
      size: limits.size ?? defaultLimits.size,
      ratio: limits.ratio ?? defaultLimits.ratio,
    }
  }

  async *entries(): AsyncGenerator<TarEntry, void, undefined> {
    try {
      for (;;) {
        const missing = this.#nextHeader - this.#source.position
        if (missing > 0 && !this.#source.skipNow(missing)) await this.#skip(missing)
        const block = this.#source.takeNow(512) ?? (await this.#source.take(512))
        if (block.length === 0) return this.#checkNothingPending()
        if (isZeroBlock(this.#whole(block))) return await this.#finish()
        const entry = await this.#decode(block)
        if (entry !== undefined) yield entry
      }
    } finally {
      await this.#source.close()
    }
  }

  async #decode(block: Buffer): Promise<TarEntry | undefined> {
    if (!hasRightChecksum(block)) throw this.#damaged('the header has a wrong checksum')
    if (++this.#headers > this.#limits.entries) {
      throw new ArchiveLimitError(`Cannot read tar archive: it has more than ${this.#limits.entries} entries`)
    }
    const header = decodeBlock(block)
    switch (header.typeFlag) {
      case 'x':
      case 'X':
        this.#local = await this.#paxRecords(header)
        return undefined
      case 'g':
        return this.#addGlobal(await this.#paxRecords(header))
      case 'L':
        this.#longPath = await this.#longName(header)
        return undefined
      case 'K':
        this.#longLink = await this.#longName(header)
        return undefined
      default:
        return this.#entry(header, block)
    }
  }

  async #entry(header: TarBlock, block: Buffer): Promise<TarEntry | undefined> {
    const attributes = this.#attributes()
    const stored = attributes.size ?? header.size
    const path = attributes.path ?? this.#longPath ?? header.path
    const linkPath = attributes.linkPath ?? this.#longLink ?? header.linkPath
    this.#local = []
    this.#longPath = undefined
    this.#longLink = undefined
    this.#checkPath(path)
    this.#checkPath(linkPath)
    this.#lastPath = path

    const type = this.#type(header.typeFlag, path)
    // Links, devices and directories have no body, whatever their size field says (POSIX ustar; old archives fill it).
    const hasBody = type === 'file' || type === undefined || header.typeFlag === 'D'
    const storedSize = hasBody ? this.#number(stored, 'size') : 0
    if (storedSize < 0) throw this.#damaged('the size is negative')
    const dataStart = this.#source.position
    this.#nextHeader = dataStart + Math.ceil(storedSize / 512) * 512
    if (type === undefined) return undefined

    // The block is not valid any more once more is read.
    const numbers = this.#numbers(header, attributes)
    const sparse = type === 'file' ? await this.#sparseMap(header, block, attributes, storedSize) : undefined
    const size = sparse?.realSize ?? (type === 'file' ? storedSize : 0)
    this.#size += size
    if (!(this.#size <= this.#limits.size)) {
      throw new ArchiveLimitError(
        `Cannot read tar archive: its entries have more than ${this.#limits.size} bytes together`,
      )
    }
    if (sparse !== undefined) this.#checkHoles(size - storedSize)
    return new DecodedEntry(
      this.#source,
      {
        path: withoutTrailingSlash(path),
        type,
        ...numbers,
        userName: attributes.userName ?? header.userName,
        groupName: attributes.groupName ?? header.groupName,
        size,
        linkPath,
        pax: attributes.others,
      },
      sparse,
    )
  }

  #addGlobal(records: readonly PaxRecord[]): undefined {
    this.#pax.addGlobal(records)
    if (this.#pax.globalSize > globalLimit) {
      throw new ArchiveLimitError(
        `Cannot read tar archive: its global PAX records (${this.#where()}) have more than ${globalLimit} bytes together`,
      )
    }
  }

  #checkHoles(size: number): void {
    this.#holes += Math.max(0, size)
    if (this.#holes <= freeHoles || this.#holes <= this.#limits.ratio * this.#nextHeader) return
    throw new ArchiveLimitError(
      `Cannot read tar archive: the holes of its sparse files have more than ${this.#limits.ratio} times the bytes of the archive (${this.#where()})`,
      { hint: 'This looks like an archive that was made to fill a disk.' },
    )
  }

  #numbers(
    header: TarBlock,
    attributes: EntryAttributes,
  ): {
    mode: number
    uid: number
    gid: number
    mtime: number
    deviceMajor: number
    deviceMinor: number
  } {
    const isDevice = header.typeFlag === '3' || header.typeFlag === '4'
    return {
      mode: this.#number(header.mode, 'mode') & 0o7777,
      uid: this.#number(attributes.uid ?? header.uid, 'uid'),
      gid: this.#number(attributes.gid ?? header.gid, 'gid'),
      mtime: this.#number(attributes.mtime ?? header.mtime, 'mtime', true),
      deviceMajor: isDevice ? this.#number(header.deviceMajor, 'device number') : 0,
      deviceMinor: isDevice ? this.#number(header.deviceMinor, 'device number') : 0,
    }
  }

  #attributes(): EntryAttributes {
    try {
      return this.#pax.attributes(this.#local)
    } catch (error) {
      if (error instanceof PaxProblem) throw this.#damaged(error.message, error)
      throw error
    }
  }

  /** @returns undefined for what is passed over. */
  #type(flag: string, path: string): TarEntryType | undefined {
    if (passedOver.has(flag)) return undefined
    const type = types[flag]
    if (type === undefined) {
      throw this.#damaged(
        flag === 'M' ? 'it continues another volume' : `it has the unknown type ${JSON.stringify(flag)}`,
      )
    }
    // V7 had no type for directories.
    return type === 'file' && path.endsWith('/') ? 'directory' : type
  }

  async #sparseMap(
    header: TarBlock,
    block: Buffer,
    attributes: EntryAttributes,
    storedSize: number,
  ): Promise<SparseMap | undefined> {
    const start = this.#source.position
    let map: SparseMap | undefined
    let dataSize = storedSize
    if (header.typeFlag === 'S' && header.isGnu) {
      map = await readGnuSparseMap(this.#source, block, this.#limits.headerSize)
      // The extension blocks are not counted in the size.
      this.#nextHeader += this.#source.position - start
    } else if (attributes.sparse !== undefined) {
      const { extents, realSize } = attributes.sparse
      map =
        extents === undefined
          ? await readPaxSparseMap(this.#source, realSize, Math.min(storedSize, this.#limits.headerSize))
          : { extents, realSize }
      // The map in front of the data is.
      dataSize -= this.#source.position - start
    } else {
      return undefined
    }
    if (map === undefined) throw this.#damaged('its sparse map cannot be read')
    const problem = sparseMapProblem(map, dataSize)
    if (problem !== undefined) throw this.#damaged(problem)
    return map
  }

  async #paxRecords(header: TarBlock): Promise<readonly PaxRecord[]> {
    const records = parsePaxRecords(await this.#headerBody(header))
    if (records === undefined) throw this.#damaged('a PAX header cannot be read')
    return records
  }

  async #longName(header: TarBlock): Promise<string> {
    const body = await this.#headerBody(header)
    const end = body.indexOf(0)
    return decodeTarText(body, 0, end < 0 ? body.length : end)
  }

  async #headerBody(header: TarBlock): Promise<Buffer> {
    const size = this.#number(header.size, 'size')
    if (size < 0) throw this.#damaged('the size is negative')
    if (size > this.#limits.headerSize) {
      throw new ArchiveLimitError(
        `Cannot read tar archive: a header ${this.#where()} has ${size} bytes, more than the ${this.#limits.headerSize} that are allowed`,
      )
    }
    const start = this.#source.position
    const body = this.#source.takeNow(size) ?? (await this.#source.take(size))
    if (body.length < size) throw this.#cutShort()
    this.#nextHeader = start + Math.ceil(size / 512) * 512
    return body
  }

  #checkPath(path: string): void {
    if (path.includes('\0')) throw this.#damaged('a path holds a NUL')
    if (path.length > this.#limits.pathLength) {
      throw new ArchiveLimitError(
        `Cannot read tar archive: a path ${this.#where()} is longer than ${this.#limits.pathLength} bytes`,
      )
    }
  }

  #number(value: number, field: string, mayBeFraction = false): number {
    if (mayBeFraction ? Number.isFinite(value) : Number.isSafeInteger(value)) return value
    throw this.#damaged(`the ${field} is no number`)
  }

  async #skip(count: number): Promise<void> {
    if ((await this.#source.skip(count)) < count) throw this.#cutShort()
  }

  #whole(block: Buffer): Buffer {
    if (block.length < 512) throw this.#cutShort()
    return block
  }

  /** A block of zeros was read: the end is a second one, or the end of the bytes; what follows is read away. */
  async #finish(): Promise<void> {
    this.#checkNothingPending()
    const second = await this.#source.take(512)
    if (second.length === 512 && !isZeroBlock(second)) throw this.#damaged('one block of zeros stands alone')
    await this.#source.drain()
  }

  #checkNothingPending(): void {
    if (this.#local.length > 0 || this.#longPath !== undefined || this.#longLink !== undefined) {
      throw this.#damaged('a header announces an entry that does not come')
    }
  }

  #cutShort(): DamagedArchiveError {
    return new DamagedArchiveError(
      `Cannot read tar archive: it is cut short at byte ${this.#source.position}${this.#lastPath === '' ? '' : `, at entry ${shown(this.#lastPath)}`}`,
    )
  }

  #damaged(problem: string, cause?: unknown): DamagedArchiveError {
    return new DamagedArchiveError(`Cannot read tar archive: ${problem} (${this.#where()})`, { cause })
  }

  #where(): string {
    const at = `near byte ${this.#source.position}`
    return this.#lastPath === '' ? at : `${at}, at entry ${shown(this.#lastPath)}`
  }
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 200))
}

function withoutTrailingSlash(path: string): string {
  let end = path.length
  while (end > 1 && path.charCodeAt(end - 1) === 0x2f) end--
  return end === path.length ? path : path.slice(0, end)
}
