import type { Reference } from '../oci/index.ts'

/** A part of a file. Bytes count in the file as it is on disk, lines and columns (in UTF-16 units) from 1. */
export interface FileRange {
  /** The first byte. */
  readonly start: number
  /** The byte after the last. */
  readonly end: number
  readonly line: number
  readonly column: number
}

/** A value that a reference was put together with. */
export interface Origin {
  /** `ARG`, `.env`, a Bake variable: `PYTHON_VERSION`. */
  readonly name: string
  /** As it was taken: without quotes. */
  readonly value: string
  /** Where the value is written; absent where it is given from outside, as BuildKit's `TARGETARCH`. */
  readonly at?: { readonly file: string; readonly range: FileRange } | undefined
}

/** How an occurrence is pinned: which bytes become what. */
export type EditSite =
  /** The bytes are the whole reference, and nothing else: `name:tag[@digest]`. */
  | { readonly kind: 'reference'; readonly file: string; readonly range: FileRange }
  /**
   * The tag and the digest stand in fields of their own (Helm's `digest`, Kustomize's `digest`). `digest` is the value's
   * place where the field is there; else `insert` says where a line is put, and its text in front of and behind the digest.
   */
  | {
      readonly kind: 'fields'
      readonly file: string
      readonly tag?: FileRange | undefined
      readonly digest?: FileRange | undefined
      readonly insert?:
        | { readonly at: FileRange; readonly before: string; readonly after: string }
        | undefined
    }
  /** It cannot be edited; the reason ends "cannot be pinned: …". */
  | { readonly kind: 'none'; readonly reason: string }

/** What stands in a place where an image is named. */
export type OccurrenceTarget =
  /** An image, computed whole. */
  | { readonly kind: 'image'; readonly reference: Reference }
  /** What cannot be computed from the project, as `${REGISTRY}` without a default; the reason ends "not resolved: …". */
  | { readonly kind: 'unresolved'; readonly reason: string }
  /** What is no image and yet comes from outside, as `ADD https://…`; the reason ends "cannot be locked: …". */
  | { readonly kind: 'unlockable'; readonly reason: string }

/** One place in a project where an image is named. Never guessed, never dropped. */
export interface Occurrence {
  /** Path from the project's root, with `/`. */
  readonly file: string
  /**
   * Where in the file, for people and for the lock: a stage's name or a YAML path, never a line or an ordinal
   * (`FROM:builder`, `COPY:ghcr.io/astral-sh/uv`, `services.db.image`). Unique among those of one file that name different images.
   */
  readonly place: string
  /** Of the text, which is what people look at: in a value with interpolation, the whole value. */
  readonly range: FileRange
  /** As written, interpolation and all. */
  readonly text: string
  readonly target: OccurrenceTarget
  /** What it was computed with; empty where the text is the reference. */
  readonly origins: readonly Origin[]
  readonly edit: EditSite
  /** `FROM --platform=`, compose's `platform:`; where it says one and no variable. */
  readonly platform?: string | undefined
}

/** What could not be read of a file: it is said with its place, and fails what needs all of the project. */
export interface FileProblem {
  readonly file: string
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** Ends "Cannot read FILE: …". */
  readonly message: string
  readonly hint?: string | undefined
}

/** What a file holds. */
export interface FileFindings {
  readonly occurrences: readonly Occurrence[]
  readonly problems: readonly FileProblem[]
}
