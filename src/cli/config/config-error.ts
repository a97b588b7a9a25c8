import { LadingError } from '../../errors/index.ts'

/** A configuration file cannot be read or says something that it may not say. */
export class ConfigError extends LadingError<'CONFIG'> {
  constructor(file: string, problem: string, cause?: unknown) {
    super('CONFIG', `Cannot read configuration ${file}: ${problem}`, {
      hint: 'Its keys are described in schema/config.schema.json and docs/reference.',
      cause,
    })
  }
}
