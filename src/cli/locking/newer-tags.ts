import { createLimiter, LimitExceededError, type OperationOptions, type Source } from '../../content/index.ts'
import { type ImageUse, type LockRequest, tagKey } from '../../lock/index.ts'
import { newerTag, type TagFilter } from '../../tags/index.ts'

/** Tags of one repository that are looked at. */
const mostTags = 200_000

/**
 * The newer tags of images, by the key of their tag; those without one are left out. Each repository's tags are listed once.
 *
 * @param range told by tags without their suffix; default: the same major version
 */
export async function newerTags(
  uses: readonly ImageUse[],
  {
    open,
    range,
    signal,
  }: Pick<LockRequest, 'open'> & { readonly range: TagFilter | undefined } & OperationOptions,
): Promise<ReadonlyMap<string, string>> {
  const limiter = createLimiter(8)
  const byRepository = Map.groupBy(uses, ({ reference }) => reference.name)
  const found = await Promise.all(
    [...byRepository.values()].map((ofOne) =>
      limiter.run(async () => {
        const [first] = ofOne
        const tags = first === undefined ? [] : await listTags(open(first.reference), { signal })
        return ofOne.flatMap((use): (readonly [string, string])[] => {
          const newer = newerTag(use.reference.tag ?? '', tags, { range })
          return newer === undefined ? [] : [[tagKey(use), newer]]
        })
      }),
    ),
  )
  return new Map(found.flat())
}

async function listTags(source: Source, options: OperationOptions): Promise<readonly string[]> {
  const tags: string[] = []
  for await (const tag of source.tags?.(options) ?? []) {
    if (tags.length >= mostTags)
      throw new LimitExceededError(
        `Cannot look for newer tags at ${source.display}: it has more than ${mostTags}`,
      )
    tags.push(tag)
  }
  return tags
}
