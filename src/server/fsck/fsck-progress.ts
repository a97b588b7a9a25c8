/** How far a check is. */
export type FsckProgress =
  | { readonly phase: 'records'; readonly records: number }
  /** @property bytes Read so far. @property totalBytes As the records say. */
  | {
      readonly phase: 'contents'
      readonly contents: number
      readonly totalContents: number
      readonly bytes: number
      readonly totalBytes: number
    }
  | { readonly phase: 'files'; readonly files: number }

/** What was looked at. */
export interface FsckCounts {
  /** Records of all kinds. */
  records: number
  manifests: number
  tags: number
  contents: number
  /** Bytes of contents that were read. */
  bytes: number
  /** Files of the blob store. */
  files: number
}
