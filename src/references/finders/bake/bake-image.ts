import type { OccurrenceTarget } from '../../occurrence.ts'
import type { BakeFile } from './bake-file.ts'
import type { Setting } from './bake-targets.ts'
import type { Piece, VariableUse } from './bake-value.ts'
import type { Extent } from './hcl.ts'

/** A place of a Bake file where an image is named. */
export interface BakeImage {
  readonly setting: Setting
  readonly target: OccurrenceTarget
  readonly uses: readonly VariableUse[]
  /** The reference as it is written, where nothing else is put together with it; else none. */
  readonly pieces: readonly Piece[]
  readonly place: string
  /** Where it stands within the value; absent where it is the value. */
  readonly written?: (Extent & { readonly file: BakeFile }) | undefined
}
