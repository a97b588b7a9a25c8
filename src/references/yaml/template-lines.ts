import type { Occurrence } from '../occurrence.ts'
import type { ScalarOccurrences } from './scalar-occurrence.ts'

/** The lines of a template that name images: what stands there is known when it is filled in. */
export function templateLines(text: string, make: ScalarOccurrences): readonly Occurrence[] {
  const found: Occurrence[] = []
  for (const match of text.matchAll(/^[ \t]*(?:- )?["']?image["']?:[ \t]+(\S[^\n#]*)/gm)) {
    const written = (match[1] ?? '').trimEnd()
    if (!/\{\{|\{%|<%|\(\(/.test(written)) continue
    const start = match.index + match[0].indexOf(written, match[0].indexOf('image') + 6)
    found.push(
      make.occurrence({
        place: `image:${written}`,
        scalar: { kind: 'scalar', text: written, start, end: start + written.length, style: 'plain' },
        target: { kind: 'unresolved', reason: 'a template fills it in' },
      }),
    )
  }
  return found
}
