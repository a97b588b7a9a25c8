/** Bytes that are read forward; the tar decoder stands on it for streams and for files alike. */
export interface ByteSource {
  /** Offset of the next byte. */
  readonly position: number
  /** The next `count` bytes when they are at hand without waiting; valid until the next call. */
  takeNow(count: number): Buffer | undefined
  /** The next `count` bytes; fewer only at the end. `count` must be small: they are made one piece. */
  take(count: number): Promise<Buffer>
  /** The next piece of at most `most` bytes, not copied; undefined at the end. */
  piece(most: number): Promise<Buffer | undefined>
  /** Passes over `count` bytes when they are at hand without waiting. */
  skipNow(count: number): boolean
  /** Passes over `count` bytes. @returns how many there were; fewer only at the end. */
  skip(count: number): Promise<number>
  /** Reads to the end, so that whatever checks the bytes behind has seen them all. */
  drain(): Promise<void>
  /** Lets go of what is behind. */
  close(): Promise<void>
}

export const noBytes: Buffer = Buffer.alloc(0)
