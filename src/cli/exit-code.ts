import { LadingError } from '../errors/index.ts'

/** Exit codes: 0 success, 1 an answer of "no", 2 wrong usage, 3 failed or could not be told, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130 | 143

/** Ctrl-C or SIGTERM, as the reason of the signal that all work is given. */
export class InterruptedError extends LadingError<'INTERRUPTED'> {
  readonly exitCode: 130 | 143

  constructor(exitCode: 130 | 143) {
    super('INTERRUPTED', 'Interrupted')
    this.exitCode = exitCode
  }
}

/** Standard output takes nothing more, as the reason of the signal that all work is given: there is nobody to tell. */
export class OutputGoneError extends LadingError<'OUTPUT_GONE'> {
  constructor(cause: unknown) {
    super('OUTPUT_GONE', 'Cannot write to standard output', { cause })
  }
}

/** Names and values that a person typed are wrong usage; everything else that throws is a failure. */
const usageCodes: ReadonlySet<string> = new Set([
  'USAGE',
  'INVALID_REFERENCE',
  'INVALID_PLATFORM',
  'INVALID_LOCATION',
  'LISTEN_EXPOSED',
])

/** The exit code that an error asks for. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof InterruptedError) return error.exitCode
  if (error instanceof LadingError) {
    const code: unknown = error.code
    return typeof code === 'string' && usageCodes.has(code) ? 2 : 3
  }
  return 3
}
