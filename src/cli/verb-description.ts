/** A command line that people type, and what it does. */
export interface Example {
  /** Without the `lading VERB` in front. */
  readonly input: string
  readonly brief: string
}

/** What a flag looks like in help and completion. */
export interface FlagDescription {
  readonly brief: string
  readonly kind: 'boolean' | 'enum' | 'parsed' | 'counter'
  readonly placeholder?: string
  readonly values?: readonly string[]
  readonly default?: unknown
  readonly variadic?: boolean | string
  readonly hidden?: boolean
  /** For the parser alone. */
  readonly parse?: unknown
  readonly optional?: boolean
  readonly withNegated?: boolean
}

/** What a verb is, but for what it does: for help, reference and completion. */
export interface VerbDescription {
  readonly name: string
  readonly brief: string
  /** Paragraphs for `--help` and the reference. */
  readonly description: string
  readonly examples: readonly Example[]
  readonly flags: Readonly<Record<string, FlagDescription>>
  /** By their letter: the flag that it stands for. */
  readonly aliases: Readonly<Record<string, string>>
  /** As shown in the usage line. */
  readonly usage: string
}
