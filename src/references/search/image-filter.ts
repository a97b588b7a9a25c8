import type { Reference } from '../../oci/index.ts'
import type { Occurrence } from '../occurrence.ts'

/**
 * Says of occurrences whether their images match one of the patterns: `ghcr.io/owner/*`, `registry.local/**`, `app`. `*` stands for
 * what is between slashes, `**` for anything; a pattern without a tag means all tags. What is not resolved is held against its text,
 * so that one's own `ghcr.io/owner/app:${TAG}` is left out too.
 */
export function imageFilter(patterns: readonly string[]): (occurrence: Occurrence) => boolean {
  const matchers = patterns.map(toMatcher)
  return ({ target, text }) => {
    if (matchers.length === 0 || target.kind === 'unlockable') return false
    const names = target.kind === 'image' ? namesOf(target.reference) : [text, withoutTag(text)]
    return names.some((name) => matchers.some((matches) => matches(name)))
  }
}

function withoutTag(text: string): string {
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1)
  return colon < 0 ? text : text.slice(0, colon)
}

function namesOf({ name, familiarName, tag }: Reference): readonly string[] {
  return tag === undefined
    ? [name, familiarName]
    : [name, familiarName, `${name}:${tag}`, `${familiarName}:${tag}`]
}

function toMatcher(pattern: string): (name: string) => boolean {
  const source = pattern
    .split(/(\*+)/)
    .map((part) => {
      if (!part.startsWith('*')) return part.replace(/[\\^$.+?()[\]{}|/]/g, '\\$&')
      return part.length === 1 ? '[^/]*' : '.*'
    })
    .join('')
  const expression = new RegExp(`^${source}$`)
  return (name) => expression.test(name)
}
