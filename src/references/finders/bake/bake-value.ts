import type { BakeFile } from './bake-file.ts'
import type { Extent, VariableExpression } from './hcl.ts'

/** What an expression comes to. */
export type BakeValue = StringValue | ListValue | ObjectValue | { readonly kind: 'null' } | UnknownValue

/** A string by the pieces that it was put together with. */
export interface StringValue {
  readonly kind: 'string'
  readonly pieces: readonly Piece[]
  readonly uses: readonly VariableUse[]
}

/** A run of characters of a string. */
export interface Piece {
  readonly text: string
  /** Where it stands, character for character; absent where it is written with escapes. */
  readonly at?: (Extent & { readonly file: BakeFile }) | undefined
  /** The names that it came through. */
  readonly through: readonly VariableExpression[]
}

/** A variable whose value went into a string. */
export interface VariableUse {
  readonly name: string
  readonly value: string
  /** Its default. */
  readonly at: Extent & { readonly file: BakeFile }
}

interface ListValue {
  readonly kind: 'list'
  readonly items: readonly BakeValue[]
}

interface ObjectValue {
  readonly kind: 'object'
  readonly entries: ReadonlyMap<string, BakeValue>
}

/** What cannot be computed here. */
export interface UnknownValue {
  readonly kind: 'unknown'
  /** Ends "not resolved: …". */
  readonly reason: string
  /** The characters in front of what is not known. */
  readonly prefix: string
}

/** The characters of a string. */
export function textOf(value: StringValue): string {
  return value.pieces.map(({ text }) => text).join('')
}

/** The pieces of a string from character `from` up to `to`. */
export function slicePieces(pieces: readonly Piece[], from: number, to: number): readonly Piece[] {
  const found: Piece[] = []
  let index = 0
  for (const piece of pieces) {
    const start = Math.max(from - index, 0)
    const end = Math.min(to - index, piece.text.length)
    if (end > start) {
      found.push({
        ...piece,
        text: piece.text.slice(start, end),
        at:
          piece.at === undefined
            ? undefined
            : { ...piece.at, start: piece.at.start + start, end: piece.at.start + end },
      })
    }
    index += piece.text.length
  }
  return found
}
