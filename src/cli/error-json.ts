import { LadingError } from '../errors/index.ts'

/** An error as `--json` gives it. */
export interface ErrorJson {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** An error for programs: its literal code, its message and what to try. */
export function errorJson(error: unknown): ErrorJson {
  if (!(error instanceof LadingError)) {
    return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) }
  }
  const code: unknown = error.code
  return {
    code: typeof code === 'string' ? code : 'UNKNOWN',
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  }
}
