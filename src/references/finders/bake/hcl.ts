/** A place in a file; offsets in UTF-16 units. */
export interface Extent {
  readonly start: number
  readonly end: number
}

/** An HCL expression, as far as Bake files are followed. */
export type Expression =
  | TemplateExpression
  | ScalarExpression
  | VariableExpression
  | ListExpression
  | ObjectExpression
  | OtherExpression

/** A string, or a heredoc, with what is put into it. */
export interface TemplateExpression extends Extent {
  readonly kind: 'template'
  readonly parts: readonly (TemplateText | Expression)[]
}

/** A run of characters of a string. */
export interface TemplateText extends Extent {
  readonly kind: 'text'
  /** As it is meant: without escapes. Where it stands in the file as it is meant, it is as long as its place. */
  readonly text: string
}

/** `12`, `true`, `null`. */
export interface ScalarExpression extends Extent {
  readonly kind: 'number' | 'boolean' | 'null'
  readonly text: string
}

/** `NAME`, or `item.base`. */
export interface VariableExpression extends Extent {
  readonly kind: 'variable'
  readonly name: string
  readonly path: readonly string[]
}

export interface ListExpression extends Extent {
  readonly kind: 'list'
  readonly items: readonly Expression[]
}

export interface ObjectExpression extends Extent {
  readonly kind: 'object'
  readonly entries: readonly ObjectEntry[]
}

export interface ObjectEntry {
  /** Undefined where the key is computed. */
  readonly key: string | undefined
  readonly value: Expression
}

/** What is not computed: a function call, a condition, a `for`. */
export interface OtherExpression extends Extent {
  readonly kind: 'other'
  /** As a part of a sentence: `a function`. */
  readonly what: string
  /** The names that stand in it. */
  readonly names: readonly string[]
}

/** `target "app" { … }`. */
export interface Block extends Extent {
  readonly type: string
  readonly labels: readonly string[]
  readonly body: Body
}

/** The attributes and blocks of a file or of a block, in their order. */
export interface Body {
  readonly attributes: readonly { readonly name: string; readonly value: Expression }[]
  readonly blocks: readonly Block[]
}
