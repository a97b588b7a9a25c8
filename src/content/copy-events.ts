import type { Descriptor } from '../oci/index.ts'
import type { Source, Target } from './capabilities.ts'

/** How content came to be at the target. */
export type Outcome = 'copied' | 'mounted' | 'existed' | 'foreign'

/** One step of a copy, for progress. */
export type CopyEvent =
  | { readonly type: 'started'; readonly descriptor: Descriptor; readonly kind: ContentKind }
  | { readonly type: 'bytes'; readonly descriptor: Descriptor; readonly count: number }
  | {
      readonly type: 'finished'
      readonly descriptor: Descriptor
      readonly kind: ContentKind
      readonly outcome: Outcome
    }
  | { readonly type: 'tagged'; readonly descriptor: Descriptor; readonly name: string }

/** What a descriptor was met as; its media type alone does not tell. */
export type ContentKind = 'manifest' | 'blob'

/** One image to copy. */
export interface CopyJob {
  readonly source: Source
  /** Tag or digest at the source. */
  readonly name: string
  /** What `name` was found to be, where that is known already; then it is not looked up again. */
  readonly root?: Descriptor | undefined
  readonly target: Target
  /** The names it gets; none: it is stored by digest alone. */
  readonly as: readonly string[]
  /** What the first of these names points to at the target, where that is being looked up already. */
  readonly there?: Promise<Descriptor | undefined> | undefined
}

/** What a copy did. */
export interface CopyCounts {
  readonly manifests: Readonly<Record<Outcome, number>>
  readonly blobs: Readonly<Record<Outcome, number>>
  /** Bytes of the blobs that were transferred. */
  readonly bytes: number
}

/** The end of one job. */
export type CopyResult =
  | { readonly job: CopyJob; readonly ok: true; readonly root: Descriptor; readonly attachments: number }
  | {
      readonly job: CopyJob
      readonly ok: false
      readonly error: unknown
      readonly root?: Descriptor | undefined
    }

/** The end of a copy of several images. */
export interface CopyReport {
  /** In the order of the jobs. */
  readonly results: readonly CopyResult[]
  readonly counts: CopyCounts
}
