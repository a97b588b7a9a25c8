import { LimitExceededError } from '../content/index.ts'

/** More than any image has: directories mostly have entries, which the limit of entries bounds. */
const most = 500_000

/**
 * Counts the directories that entries imply and that have no entry of their own: a path of a few kilobytes makes
 * thousands of them, so that a small layer could fill all memory.
 */
export class ImpliedDirectories {
  #count = 0

  /** Counts one more. @throws {LimitExceededError} */
  add(): void {
    if (++this.#count <= most) return
    throw new LimitExceededError(
      `Cannot read the layers: more than ${most} directories in them have no entry of their own`,
      { hint: 'This looks like an image that was made to fill memory.' },
    )
  }
}
