import type { TarEntryType } from '../../archive/index.ts'

/** A file as `lading files` lists it. */
export interface ListedFile {
  /** Relative to the root, without a leading slash. */
  readonly path: string
  /** A whiteout removes what lower layers have there, an opaque directory what they have below; only of a single layer. */
  readonly type: TarEntryType | 'whiteout' | 'opaque'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes. */
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** A symlink's target as written; a hard link's relative to the root. */
  readonly linkPath: string
  /** Of a device file. */
  readonly device: { readonly major: number; readonly minor: number } | undefined
  /** 0 the lowest. */
  readonly layer: number
}
