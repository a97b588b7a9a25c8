import type { InstructionName } from './instruction-names.ts'
import type { SourceText } from './source-text.ts'

/** A Dockerfile as it is written. The nodes' sources, one after the other, are the file. */
export interface Dockerfile {
  readonly text: string
  readonly nodes: readonly DockerfileNode[]
  /** The nodes that are instructions. */
  readonly instructions: readonly Instruction[]
  /** Continues lines and escapes characters: what `# escape=` says. */
  readonly escape: EscapeCharacter
  /** What BuildKit would refuse, in the order of the file. */
  readonly problems: readonly DockerfileProblem[]
}

export type EscapeCharacter = '\\' | '`'

/** A part of the file, whole lines with their ends (the byte order mark apart); offsets in UTF-16 units. */
export type DockerfileNode = ByteOrderMark | Blank | Comment | ParserDirective | Instruction

interface Extent {
  readonly start: number
  readonly end: number
}

export interface ByteOrderMark extends Extent {
  readonly kind: 'byte-order-mark'
}

export interface Blank extends Extent {
  readonly kind: 'blank'
}

export interface Comment extends Extent {
  readonly kind: 'comment'
}

/** `# escape=`, `# syntax=`, `# check=`: only above everything else. */
export interface ParserDirective extends Extent {
  readonly kind: 'directive'
  readonly name: DirectiveName
  readonly value: SourceText
}

export type DirectiveName = 'check' | 'escape' | 'syntax'

/** An instruction with its continuation lines and the bodies of its heredocs. */
export interface Instruction extends Extent {
  readonly kind: 'instruction'
  /** As it is written: `from`, `RUN`. */
  readonly keyword: SourceText
  /** Undefined where there is no such instruction. */
  readonly name: InstructionName | undefined
  readonly flags: readonly Flag[]
  /** What follows keyword and flags, without the blanks around it. */
  readonly rest: SourceText
  /** The strings of a JSON form (`CMD ["a", "b"]`); undefined in the shell form. */
  readonly list: readonly ListEntry[] | undefined
  readonly heredocs: readonly Heredoc[]
  /** The instruction behind `ONBUILD`. */
  readonly trigger: Instruction | undefined
}

/** `--name=value`, or `--name`. Quotes and backslashes are taken away, as BuildKit does. */
export interface Flag {
  readonly name: string
  readonly value: SourceText | undefined
}

/** A string of a JSON form. */
export interface ListEntry {
  readonly value: string
  /** What stands between the quotes. */
  readonly source: SourceText
}

/** `<<EOF`, and the lines up to the one that ends it. */
export interface Heredoc {
  /** `<<-"EOF"` as it is written. */
  readonly marker: SourceText
  /** The line that ends it. */
  readonly name: string
  /** `<<-`: tabs at the beginning of lines go. */
  readonly stripsTabs: boolean
  /** Whether variables are expanded: not where the name is quoted. */
  readonly isExpanded: boolean
  /** The lines without the one that ends it. */
  readonly body: { readonly start: number; readonly end: number }
}

/** What BuildKit would refuse. Lines and columns count from 1, columns in UTF-16 units. */
export interface DockerfileProblem {
  readonly offset: number
  readonly line: number
  readonly column: number
  /** Ends "Cannot read FILE: …". */
  readonly message: string
  /** What to try. */
  readonly hint?: string | undefined
}
