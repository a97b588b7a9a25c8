import { parseTagFilter, type TagFilter } from '../../tags/index.ts'
import { parseRepositoryPattern } from '../auth/repository-pattern.ts'
import type { ImmutableTags } from '../server-options.ts'

/** Says whether a tag, once it is set, stays with its digest. */
export type ImmutableTagMatcher = (repository: string, tag: string) => boolean

/**
 * Reads which tags are immutable.
 *
 * @throws {AccessConfigurationError} for a pattern over repositories that cannot be read.
 * @throws {UsageError} for a filter of tags that cannot be read.
 */
export async function createImmutableTagMatcher(
  immutable: readonly ImmutableTags[] = [],
): Promise<ImmutableTagMatcher> {
  const entries = await Promise.all(immutable.map(readEntry))
  return (repository, tag) =>
    entries.some((entry) => entry.isMeant(repository) && entry.tags.some((matches) => matches(tag)))
}

interface Entry {
  readonly isMeant: (repository: string) => boolean
  readonly tags: readonly TagFilter[]
}

async function readEntry({ repositories, tags }: ImmutableTags): Promise<Entry> {
  return {
    isMeant: parseRepositoryPattern(repositories),
    tags: await Promise.all(tags.map((text) => parseTagFilter(text))),
  }
}
