import type { Readable, Writable } from 'node:stream'
import type { CommandContext } from '@stricli/core'
import type { Platform } from '../oci/index.ts'
import type { Output } from './output.ts'
import type { VerbDescription } from './verb-description.ts'

/** What every verb is handed: the only way to the terminal, the environment and the wish to stop. */
export interface CliContext extends CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The folder that the command was called in. */
  readonly directory: () => string
  /** The platform whose images this machine runs. */
  readonly host: Platform
  readonly output: Output
  /** Aborted at Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** Standard input; opened when a verb reads it. */
  readonly stdin: () => InputStream
  /** Standard output for bytes: archives and files. */
  readonly stdout: () => OutputStream
  /** Loads all verbs, in the order of the overview. */
  readonly verbs: () => Promise<readonly VerbDescription[]>
}

/** Standard input, perhaps a terminal. */
export interface InputStream extends Readable {
  readonly isTTY?: boolean | undefined
  /** Only where it is a terminal: whether what is typed comes key by key and is not shown. */
  setRawMode?(raw: boolean): unknown
}

/** Standard output, perhaps a terminal. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean | undefined
}
