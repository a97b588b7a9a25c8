/** A node of a YAML document, with aliases followed and merges done: the same node may stand in several places. */
export type YamlNode = YamlMap | YamlList | YamlScalar

/** Keys that are no plain text are left out. */
export interface YamlMap {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, YamlEntry>
  /** Written as `{a: b}`. */
  readonly isFlow: boolean
}

/** A key of a map and what it stands for. */
export interface YamlEntry {
  /** Where the key begins, in UTF-16 units of the text. */
  readonly keyStart: number
  /** Whether it stands in the map itself, and did not come by `<<`. */
  readonly isOwn: boolean
  readonly value: YamlNode
}

/** A sequence. */
export interface YamlList {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
}

/** A scalar, as text: `1.20` is `1.20`, and nothing at all is the empty text. */
export interface YamlScalar {
  readonly kind: 'scalar'
  readonly text: string
  /** Of the whole value with its quotes, in UTF-16 units of the text of the file. */
  readonly start: number
  readonly end: number
  readonly style: 'plain' | 'quoted' | 'block'
  /** Where `text` stands character for character; absent where escapes or line breaks are in between. */
  readonly verbatim?: TextRange | undefined
}

/** From `start` up to `end`, in UTF-16 units. */
export interface TextRange {
  readonly start: number
  readonly end: number
}
