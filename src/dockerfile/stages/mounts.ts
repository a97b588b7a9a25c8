import { type SourceText, SourceTextBuilder } from '../parser/source-text.ts'
import type { Instruction } from '../parser/syntax-tree.ts'

/** `RUN --mount=type=bind,from=image,target=/x`: its fields by their names in lower case. */
export type Mount = ReadonlyMap<string, SourceText>

/** The mounts of a `RUN`, in their order. */
export function mountsOf(instruction: Instruction): readonly Mount[] {
  return instruction.flags
    .filter(({ name }) => name === 'mount')
    .flatMap(({ value }) => (value === undefined ? [] : [readMount(value)]))
}

function readMount(value: SourceText): Mount {
  const mount = new Map<string, SourceText>()
  for (const field of splitCsv(value)) {
    const equals = field.text.indexOf('=')
    const key = field.text.slice(0, equals < 0 ? undefined : equals).toLowerCase()
    mount.set(key, field.slice(equals < 0 ? field.text.length : equals + 1))
  }
  return mount
}

/** The fields of a line of CSV: a field in double quotes may hold commas, and a double quote as two. */
function splitCsv(line: SourceText): readonly SourceText[] {
  const { text } = line
  const fields: SourceText[] = []
  let at = 0
  while (at <= text.length) {
    const builder = new SourceTextBuilder(line.slice(at, at).start)
    let isQuoted = text[at] === '"'
    if (isQuoted) at += 1
    for (; at < text.length && (isQuoted || text[at] !== ','); at += 1) {
      if (isQuoted && text[at] === '"') {
        if (text[at + 1] !== '"') {
          isQuoted = false
          continue
        }
        at += 1
      }
      builder.addPart(line, at, at + 1)
    }
    fields.push(builder.build())
    at += 1
  }
  return fields
}
