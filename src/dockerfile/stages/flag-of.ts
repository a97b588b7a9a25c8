import type { SourceText } from '../parser/source-text.ts'
import type { Instruction } from '../parser/syntax-tree.ts'

/** The value of a flag that stands once; undefined where it is not there or has none. */
export function flagOf(instruction: Instruction, name: string): SourceText | undefined {
  return instruction.flags.find((flag) => flag.name === name)?.value
}
