import { compareTags } from './compare-tags.ts'
import type { TagFilter } from './tag-filter.ts'

/** Options of {@link newerTag}. */
export interface NewerTagOptions {
  /** Which versions are wanted, told by the tag without its suffix; default: those of the same major version. */
  readonly range?: TagFilter | undefined
}

/**
 * The newest tag that is a later version of the same kind as `current`: with the same `v` in front, as many numbers, and the same suffix
 * (`3.12-slim` to `3.13-slim`, not to `3.13`, `3.13.1-slim` or `3.13-alpine`). A pre-release has a suffix, so that none takes the place of
 * a release.
 *
 * @returns undefined where there is none, or `current` is no version.
 */
export function newerTag(
  current: string,
  tags: Iterable<string>,
  { range }: NewerTagOptions = {},
): string | undefined {
  const from = readVersion(current)
  if (from === undefined) return undefined
  let best: string | undefined
  for (const tag of tags) {
    const to = readVersion(tag)
    if (to === undefined || to.kind !== from.kind) continue
    if (range === undefined ? to.major !== from.major : !range(to.version)) continue
    if (compareTags(tag, best ?? current) > 0) best = tag
  }
  return best
}

interface Version {
  /** What has to stay: what is in front, how many numbers, what is behind. */
  readonly kind: string
  /** Without zeros in front. */
  readonly major: string
  /** Without the suffix. */
  readonly version: string
}

function readVersion(tag: string): Version | undefined {
  const [, front, numbers, suffix] = /^(v?)(\d{1,15}(?:\.\d{1,15}){0,3})([-._+a-z].*)?$/i.exec(tag) ?? []
  if (front === undefined || numbers === undefined) return undefined
  const parts = numbers.split('.')
  return {
    kind: `${front}${parts.length}${suffix ?? ''}`,
    major: (parts[0] ?? '').replace(/^0+(?=\d)/, ''),
    version: front + numbers,
  }
}
