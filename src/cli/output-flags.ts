import type { FlagParametersForType } from '@stricli/core'

/** Flags that every verb has. */
export type OutputFlags = {
  readonly color: 'auto' | 'always' | 'never'
  readonly debug?: boolean | undefined
}

export const outputFlags: FlagParametersForType<OutputFlags> = {
  color: {
    kind: 'enum',
    values: ['auto', 'always', 'never'],
    default: 'auto',
    brief: 'When to use colour; auto: on a terminal, unless NO_COLOR is set',
  },
  debug: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'Show each request, and stack traces of errors; never secrets',
  },
}
