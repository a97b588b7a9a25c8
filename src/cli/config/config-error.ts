import { LadingError } from '../../errors/index.ts'

/** A configuration file cannot be read or says something that it may not say. */
export class ConfigError extends LadingError<'CONFIG'> {
  /** @param hint where the keys of such a file are described */
  constructor(file: string, problem: string, hint: string, cause?: unknown) {
    super('CONFIG', `Cannot read configuration ${file}: ${problem}`, { hint, cause })
  }
}
