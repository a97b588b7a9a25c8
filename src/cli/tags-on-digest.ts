import { LimitExceededError, lookUp, type Source } from '../content/index.ts'
import type { Digest } from '../oci/index.ts'
import type { Output } from './output.ts'

/** Options of {@link tagsOnDigest}. */
export interface TagsOnDigestOptions {
  /** The most tags to give: the last ones. */
  readonly limit: number | undefined
  /** Told how many requests there are to be, where they are many. */
  readonly output: Pick<Output, 'note'>
  readonly signal: AbortSignal
}

const atOnce = 8
const worthSaying = 100
const mostRequests = 20_000

/**
 * Those of `tags` that point to `digest`, in the same order: each is looked up, the last first, and none
 * more than `limit` needs. A tag that is gone meanwhile is not on the digest; a look-up that fails rejects.
 *
 * @throws {LimitExceededError} for more than 20,000 tags.
 */
export async function tagsOnDigest(
  source: Source,
  tags: readonly string[],
  digest: Digest,
  options: TagsOnDigestOptions,
): Promise<string[]> {
  const { limit = tags.length, output, signal } = options
  if (tags.length > mostRequests) {
    throw new LimitExceededError(
      `Cannot look for the tags on ${digest}: there are ${tags.length}, at most ${mostRequests} are asked for`,
      { hint: "Name fewer: --filter '3.*'" },
    )
  }
  if (tags.length >= worthSaying) output.note(`looking up ${tags.length} tags, one request each`)

  const waiting = [...tags.entries()]
  const found: number[] = []
  const next = (): (typeof waiting)[number] | undefined =>
    found.length < limit && !signal.aborted ? waiting.pop() : undefined
  const lookUpTags = async (): Promise<void> => {
    for (let entry = next(); entry !== undefined; entry = next()) {
      const [index, tag] = entry
      if ((await lookUp(source, tag, { signal }))?.digest === digest) found.push(index)
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, lookUpTags))
  } finally {
    waiting.length = 0
  }
  signal.throwIfAborted()
  const shown = new Set(found.toSorted((a, b) => a - b).slice(-limit))
  return tags.filter((_, index) => shown.has(index))
}
