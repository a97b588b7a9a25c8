import { LadingError, type LadingErrorOptions } from '../../../errors/index.ts'

/** A record of the store does not hold what its key says; nothing is guessed from it. */
export class DamagedRecordError extends LadingError<'DAMAGED_RECORD'> {
  /** The record's key. */
  readonly key: string

  constructor(key: string, problem: string, options: LadingErrorOptions = {}) {
    super('DAMAGED_RECORD', `Cannot read the record ${key}: ${problem}`, {
      hint: 'Run lading fsck to see what is damaged and whom it hurts.',
      ...options,
    })
    this.key = key
  }
}
