import type { FileRange } from '../../occurrence.ts'

/** A value of a `.env`. */
export interface EnvironmentEntry {
  readonly value: string
  readonly at: { readonly file: string; readonly range: FileRange }
}
