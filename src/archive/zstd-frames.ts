import { DamagedArchiveError } from './errors.ts'

/** What the next byte belongs to. */
type State = 'magic' | 'skip-size' | 'descriptor' | 'header' | 'block' | 'data' | 'skip'

/**
 * Splits a zstd stream at the ends of its frames (RFC 8878, 3.1) and leaves skippable ones out.
 *
 * `node:zlib` stops silently after the first frame unless a write ends where the frame does, and gives
 * nothing at all for a stream that begins with a skippable frame; zstd:chunked layers and pzstd write many
 * frames, some skippable.
 */
export class ZstdFrameSplitter {
  #state: State = 'magic'
  /** Bytes of the field that is being read. */
  readonly #field = Buffer.alloc(4)
  #have = 0
  /** Bytes still to pass in `header`, `data` and `skip`. */
  #left = 0
  #hasChecksum = false
  #isLastBlock = false

  /** True where the stream may end: after a whole frame. */
  get isBetweenFrames(): boolean {
    return this.#state === 'magic' && this.#have === 0
  }

  /**
   * The parts of `chunk` to decompress, each ending with the chunk or with a frame.
   *
   * The magic number is held back until it is known to be a frame's, so parts may hold bytes of earlier chunks.
   *
   * @throws {DamagedArchiveError} for bytes that are no frame.
   */
  *split(chunk: Buffer): Generator<Buffer, void, undefined> {
    let start = 0
    for (let at = 0; at < chunk.length;) {
      switch (this.#state) {
        case 'magic': {
          const before = this.#have
          at += this.#fill(chunk, at, 4)
          if (this.#have < 4) return
          const isSkippable = this.#startFrame()
          start = at
          if (!isSkippable) {
            if (before === 0) start = at - 4
            else yield Buffer.from(this.#field)
          }
          break
        }
        case 'skip-size':
          at += this.#fill(chunk, at, 4)
          start = at
          if (this.#have === 4)
            this.#enter(this.#field.readUInt32LE() === 0 ? 'magic' : 'skip', this.#field.readUInt32LE())
          break
        case 'skip':
          at += this.#pass(chunk.length - at)
          start = at
          if (this.#left === 0) this.#enter('magic')
          break
        case 'descriptor':
          this.#enter('header', this.#headerLength(chunk[at] ?? 0))
          at += 1
          break
        case 'header':
          at += this.#pass(chunk.length - at)
          if (this.#left === 0) this.#enter('block')
          break
        case 'block':
          at += this.#fill(chunk, at, 3)
          if (this.#have === 3) this.#startBlock()
          break
        case 'data':
          at += this.#pass(chunk.length - at)
          break
        default:
          this.#state satisfies never
      }
      if (this.#state === 'data' && this.#left === 0) {
        if (this.#isLastBlock) {
          this.#enter('magic')
          yield chunk.subarray(start, at)
          start = at
        } else {
          this.#enter('block')
        }
      }
    }
    const isInside = this.#state !== 'magic' && this.#state !== 'skip' && this.#state !== 'skip-size'
    if (isInside && start < chunk.length) yield chunk.subarray(start)
  }

  #enter(state: State, left = 0): void {
    this.#state = state
    this.#left = left
    this.#have = 0
  }

  #fill(chunk: Buffer, at: number, size: number): number {
    const count = Math.min(size - this.#have, chunk.length - at)
    chunk.copy(this.#field, this.#have, at, at + count)
    this.#have += count
    return count
  }

  #pass(most: number): number {
    const count = Math.min(this.#left, most)
    this.#left -= count
    return count
  }

  /** @returns whether the frame is a skippable one. */
  #startFrame(): boolean {
    const magic = this.#field.readUInt32LE()
    if (magic === 0xfd2fb528) {
      this.#enter('descriptor')
      return false
    }
    if ((magic & 0xfffffff0) >>> 0 !== 0x184d2a50) {
      throw new DamagedArchiveError('Cannot decompress zstd: something that is no frame follows a frame')
    }
    this.#enter('skip-size')
    return true
  }

  /** How many bytes of frame header follow the descriptor (RFC 8878, 3.1.1.1). */
  #headerLength(descriptor: number): number {
    const isSingleSegment = (descriptor & 0x20) !== 0
    this.#hasChecksum = (descriptor & 0x04) !== 0
    const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0
    const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
    return (isSingleSegment ? 0 : 1) + dictionary + contentSize
  }

  #startBlock(): void {
    const header = this.#field.readUIntLE(0, 3)
    const type = (header >> 1) & 3
    if (type === 3) throw new DamagedArchiveError('Cannot decompress zstd: a block has the reserved type')
    this.#isLastBlock = (header & 1) !== 0
    // A block of one repeated byte stores that byte.
    const size = type === 1 ? 1 : header >> 3
    this.#enter('data', size + (this.#isLastBlock && this.#hasChecksum ? 4 : 0))
  }
}
