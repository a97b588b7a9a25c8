import type { SourceText } from '../parser/source-text.ts'
import { splitWords } from '../parser/split-words.ts'
import type { EscapeCharacter, Instruction } from '../parser/syntax-tree.ts'
import { skipWhite } from '../parser/white-space.ts'

/** `name=value` of an `ARG` or `ENV`. */
export interface Assignment {
  readonly name: string
  readonly nameSource: SourceText
  /** As it is written, with quotes; undefined for `ARG name`. */
  readonly value: SourceText | undefined
}

/** What an `ARG` or `ENV` assigns. `ENV name value` is the older form of one: the value is the rest of the line. */
export function readAssignments(instruction: Instruction, escape: EscapeCharacter): readonly Assignment[] {
  const words = splitWords(instruction.rest, escape)
  const [first] = words
  if (first === undefined) return []
  if (instruction.name === 'ENV' && !first.text.includes('=')) return [readOlderForm(instruction.rest)]
  return words.map((word) => {
    const equals = word.text.indexOf('=')
    if (equals < 0) return { name: word.text, nameSource: word, value: undefined }
    const nameSource = word.slice(0, equals)
    return { name: nameSource.text, nameSource, value: word.slice(equals + 1) }
  })
}

function readOlderForm(rest: SourceText): Assignment {
  const blank = rest.text.search(/[\t\v\f\r ]/)
  const nameSource = rest.slice(0, blank < 0 ? undefined : blank)
  const value = blank < 0 ? undefined : rest.slice(skipWhite(rest.text, blank))
  return { name: nameSource.text, nameSource, value }
}
