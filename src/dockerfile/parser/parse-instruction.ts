import { nearestInstruction, readInstructionName } from './instruction-names.ts'
import { readJsonList } from './json-list.ts'
import type { SourceText } from './source-text.ts'
import { splitFlags } from './split-flags.ts'
import type { Heredoc, Instruction } from './syntax-tree.ts'
import { endWithoutWhite } from './white-space.ts'

/** Takes note of a problem at an offset of the file. */
export type Report = (offset: number, message: string, hint?: string) => void

/** An instruction without the place of its lines. */
type InstructionBody = Omit<Instruction, 'start' | 'end' | 'heredocs'>

const jsonForms: ReadonlySet<string | undefined> = new Set([
  'ADD',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'RUN',
  'SHELL',
  'VOLUME',
])

/** Reads an instruction from its line, its continuations joined. */
export function parseInstruction(line: SourceText, report: Report): InstructionBody {
  const trimmed = line.slice(0, endWithoutWhite(line.text))
  const blank = trimmed.text.search(/[\t\v\f\r ]/)
  const keyword = trimmed.slice(0, blank < 0 ? undefined : blank)
  const name = readInstructionName(keyword.text)
  if (name === undefined) reportUnknown(keyword, report)
  const { flags, rest } = splitFlags(trimmed.slice(keyword.text.length))
  const list = jsonForms.has(name) ? readJsonList(rest) : 'not-json'
  if (list === 'not-strings') {
    report(
      rest.start,
      `the JSON form of ${keyword.text} holds more than strings`,
      'Put each argument in quotes.',
    )
  }
  return {
    kind: 'instruction',
    keyword,
    name,
    flags,
    rest,
    list: typeof list === 'string' ? undefined : list,
    trigger: name === 'ONBUILD' ? parseTrigger(keyword, rest, report) : undefined,
  }
}

/** The instruction behind `ONBUILD`. */
function parseTrigger(keyword: SourceText, rest: SourceText, report: Report): Instruction | undefined {
  const name = readInstructionName(/^\S*/.exec(rest.text)?.[0] ?? '')
  if (rest.text === '') {
    report(keyword.start, 'ONBUILD has no instruction behind it')
    return undefined
  }
  if (name === 'ONBUILD' || name === 'FROM' || name === 'MAINTAINER') {
    report(rest.start, `${name} cannot stand behind ONBUILD`)
    return undefined
  }
  const heredocs: readonly Heredoc[] = []
  return { ...parseInstruction(rest, report), start: rest.start, end: rest.end, heredocs }
}

function reportUnknown(keyword: SourceText, report: Report): void {
  const nearest = nearestInstruction(keyword.text)
  const shown = keyword.text.length > 40 ? `${keyword.text.slice(0, 40)}…` : keyword.text
  report(
    keyword.start,
    `there is no instruction ${JSON.stringify(shown)}`,
    nearest === undefined
      ? 'Is a "\\" missing at the end of the line above, or is this the body of a heredoc?'
      : `Did you mean ${nearest}?`,
  )
}
