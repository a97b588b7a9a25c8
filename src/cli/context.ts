import type { CommandContext } from '@stricli/core'
import type { Output } from './output.ts'

/** What every verb is handed: the only way to the terminal, the environment and the wish to stop. */
export interface CliContext extends CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly output: Output
  /** Aborted at Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** Standard input; opened when a verb reads it. */
  readonly stdin: () => NodeJS.ReadStream
  /** Standard output for bytes: archives and files. */
  readonly stdout: () => NodeJS.WriteStream
}
