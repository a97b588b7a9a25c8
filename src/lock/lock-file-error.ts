import { LadingError, type LadingErrorOptions } from '../errors/index.ts'

/** A `lading.lock` that cannot be read: damaged, of another version, or edited into something that it may not say. */
export class LockFileError extends LadingError<'LOCK_FILE'> {
  /** From 1; undefined where it is about the whole file. */
  readonly line: number | undefined
  readonly column: number | undefined

  constructor(
    file: string,
    problem: string,
    at?: { readonly line: number; readonly column: number },
    options: LadingErrorOptions = {},
  ) {
    const place = at === undefined ? file : `${file}:${at.line}:${at.column}`
    super('LOCK_FILE', `Cannot read ${place}: ${problem}`, {
      hint: 'Take the last good one from version control, or delete it and run: lading lock',
      ...options,
    })
    this.line = at?.line
    this.column = at?.column
  }
}
