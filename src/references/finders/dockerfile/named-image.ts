import type { Binding, SourceText } from '../../../dockerfile/index.ts'
import type { OccurrenceTarget } from '../../occurrence.ts'

/** A place of a Dockerfile where an image is named. */
export interface NamedImage {
  /** {@link Occurrence.place} */
  readonly place: string
  readonly written: SourceText
  readonly target: OccurrenceTarget
  /** The arguments it was put together with, those of their values included. */
  readonly used: ReadonlySet<Binding>
  /** Names without a value that it needs. */
  readonly missing: ReadonlySet<string>
  readonly pin: Pin
  readonly platform?: string | undefined
}

/** What has to be written anew so that an image is pinned. */
export type Pin =
  /** These characters of the Dockerfile, which are the whole reference. */
  | { readonly kind: 'text'; readonly text: SourceText }
  /** The whole value of an argument that is given from outside. */
  | { readonly kind: 'given'; readonly name: string }
  /** Nothing can be; the reason ends "cannot be pinned: …". */
  | { readonly kind: 'none'; readonly reason: string }
