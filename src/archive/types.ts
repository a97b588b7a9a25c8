import type { Readable } from 'node:stream'

/** What a tar entry is. */
export type TarEntryType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'hardlink'
  | 'character-device'
  | 'block-device'
  | 'fifo'

/** What a tar archive says of one entry, ustar, PAX, GNU and V7 forms made one. */
export interface TarHeader {
  /** As written, without a trailing slash; not cleaned: it may be absolute or hold `..`. */
  readonly path: string
  readonly type: TarEntryType
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly userName: string
  readonly groupName: string
  /** Seconds since 1970, with a fraction where PAX gives one. */
  readonly mtime: number
  /** Bytes of the body; a sparse file's real size. */
  readonly size: number
  /** Target of a symlink or hard link, as written. */
  readonly linkPath: string
  readonly deviceMajor: number
  readonly deviceMinor: number
  /** Other PAX records, extended attributes (`SCHILY.xattr.*`) among them. */
  readonly pax: ReadonlyMap<string, string>
}

/** An entry as it passes in the stream; its body must be read before the next entry is asked for, or is skipped then. */
export interface TarEntry extends TarHeader {
  /** Offset of the body's first byte in the uncompressed archive; where a file is not sparse its body is the `size` bytes from here. */
  readonly offset: number
  readonly sparse: boolean
  /** The body's chunks, holes of sparse files filled with zeros. May be called once. */
  body(): AsyncIterable<Uint8Array>
  /**
   * The whole body when it is at hand without waiting, as a part of the stream's chunk; else undefined, and
   * {@link body} gives it. Spares small files the cost of asynchronous steps.
   */
  bodyNow(): Uint8Array | undefined
  /** The whole body. @throws {ArchiveLimitError} when `size` is over `limit`. */
  bytes(limit: number): Promise<Uint8Array>
}

/** Bounds against hostile archives; each has a default that real images stay far below. */
export interface ArchiveLimits {
  /** Entries in one archive; default 4,000,000. */
  readonly entries?: number
  /** Bytes of one path or link target; default 32 KiB. */
  readonly pathLength?: number
  /** Bytes of one PAX or GNU header block; default 1 MiB. */
  readonly headerSize?: number
  /** Uncompressed bytes in all; default 1 TiB. */
  readonly size?: number
  /**
   * Uncompressed bytes for each compressed one, judged after the first 16 MiB of output; default 1,100 (the most gzip
   * can is 1,032). The same for the holes of sparse files and the bytes of the archive, judged after the first 1 GiB.
   */
  readonly ratio?: number
}

/** How a stream was compressed. */
export type Compression = 'none' | 'gzip' | 'zstd'

/** A stream made plain. */
export interface Decompressed {
  readonly compression: Compression
  readonly stream: Readable
}

/** Options of everything that reads an archive. */
export interface ReadArchiveOptions {
  readonly limits?: ArchiveLimits | undefined
  /** Ends the reading; it rejects with the signal's reason and the source is destroyed. */
  readonly signal?: AbortSignal | undefined
}

/** What a tar entry to be written says; what is left out has its default, so that equal input gives equal bytes. */
export interface TarHeaderInit {
  /** Written as it is; a directory gets its trailing slash. */
  readonly path: string
  readonly type: TarEntryType
  /** Default 0o755 for a directory, 0o777 for a symlink, 0o644 else. */
  readonly mode?: number
  /** Default 0. */
  readonly uid?: number
  /** Default 0. */
  readonly gid?: number
  /** Default empty. */
  readonly userName?: string
  /** Default empty. */
  readonly groupName?: string
  /** Seconds since 1970, may have a fraction; default 0. */
  readonly mtime?: number
  /** Bytes of the body; default 0. Only a file has one. */
  readonly size?: number
  /** Target of a symlink or hard link. */
  readonly linkPath?: string
  readonly deviceMajor?: number
  readonly deviceMinor?: number
  /** More PAX records, extended attributes among them. */
  readonly pax?: ReadonlyMap<string, string>
}

/** Bytes of an entry to be written. */
export type TarBody = Uint8Array | AsyncIterable<Uint8Array>
