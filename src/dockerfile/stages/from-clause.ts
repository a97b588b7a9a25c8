import type { SourceText } from '../parser/source-text.ts'
import { splitAtWhite } from '../parser/split-words.ts'
import type { Instruction } from '../parser/syntax-tree.ts'
import { flagOf } from './flag-of.ts'

/** `FROM [--platform=platform] image [AS name]`. */
export interface FromClause {
  readonly image: SourceText
  readonly name: SourceText | undefined
  readonly platform: SourceText | undefined
}

/** Reads a `FROM`; undefined where it has not one argument, or three with `AS` in the middle. */
export function readFromClause(instruction: Instruction): FromClause | undefined {
  const [image, as, name, ...more] = splitAtWhite(instruction.rest)
  if (image === undefined || more.length > 0) return undefined
  if (as !== undefined && (as.text.toUpperCase() !== 'AS' || name === undefined)) return undefined
  return { image, name, platform: flagOf(instruction, 'platform') }
}
