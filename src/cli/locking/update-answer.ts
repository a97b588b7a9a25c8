import type { LockAnswer, LockedImageAnswer, OccurrenceAnswer } from './lock-answer.ts'

/** What `lading update` answers; `--json` prints it as it is. */
export interface UpdateAnswer extends Pick<
  LockAnswer,
  'file' | 'written' | 'stopped' | 'problems' | 'errors'
> {
  /** What moved. */
  readonly updates: readonly UpdatedImage[]
  /** What would have moved, and is younger than `--min-age`, or does not say how old it is. */
  readonly heldBack: readonly {
    readonly image: string
    readonly digest: string
    readonly publishedAt: string | null
  }[]
  /** Places that keep an image where it is, since they cannot be edited. */
  readonly refused: readonly OccurrenceAnswer[]
  /** Sources that were edited, or would be. */
  readonly sources: readonly { readonly file: string; readonly places: number }[]
}

/** One image that moved. */
export interface UpdatedImage extends LockedImageAnswer {
  /** The key that it had, which is another one where its tag changed. */
  readonly former: string
  /** When it was signed, as was proved, or else when it says that it was made; ISO 8601, null where neither is known. */
  readonly publishedAt: string | null
}
