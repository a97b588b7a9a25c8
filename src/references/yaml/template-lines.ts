import type { Occurrence } from '../occurrence.ts'
import { readImage } from '../finders/read-image.ts'
import type { ScalarOccurrences } from './scalar-occurrence.ts'
import type { YamlScalar } from './yaml-node.ts'

/** What templates are filled in at: Go's, Jinja's, ERB's, and the parentheses of pipelines. */
const marks = /\{\{|\{%|<%|\(\(/

/** Whether a text is filled in before it is YAML. */
export function isTemplate(text: string): boolean {
  return marks.test(text)
}

/**
 * The lines of a template that name images: a template is no YAML before it is filled in, so they are told by `image:` alone. What
 * is written out is an image; the rest is known when it is filled in.
 */
export function templateLines(text: string, make: ScalarOccurrences): readonly Occurrence[] {
  const found: Occurrence[] = []
  for (const match of text.matchAll(/^[ \t]*(?:- )?["']?image["']?:[ \t]+(\S[^\r\n]*)/gm)) {
    const [line, value = ''] = match
    const start = match.index + line.length - value.length
    const scalar = readValue(value, start)
    if (scalar.text === '' || /^[#{[&*!|>]/.test(scalar.text.replace(/^\{\{.*/, ''))) continue
    const target = isTemplate(scalar.text)
      ? ({ kind: 'unresolved', reason: 'a template fills it in' } as const)
      : readImage(scalar.text)
    const name = target.kind === 'image' ? target.reference.familiarName : scalar.text
    found.push(make.occurrence({ place: `image:${name}`, scalar, target }))
  }
  return found
}

/** A value of one line, without its comment; templates may hold quotes and `#`. */
function readValue(value: string, start: number): YamlScalar {
  const quoted = /^(["'])([^"'{}\\]+)\1[ \t]*(?:#.*)?$/.exec(value)?.[2]
  if (quoted !== undefined) {
    const verbatim = { start: start + 1, end: start + 1 + quoted.length }
    return {
      kind: 'scalar',
      style: 'quoted',
      text: quoted,
      start,
      end: verbatim.end + 1,
      verbatim,
    }
  }
  const comment = value.search(/[ \t]#/)
  const text = (comment < 0 ? value : value.slice(0, comment)).trimEnd()
  const range = { start, end: start + text.length }
  return { kind: 'scalar', style: 'plain', text, ...range, verbatim: range }
}
