import { ArchiveLimitError, DamagedArchiveError, UnsupportedCompressionError } from '../archive/index.ts'
import { DamagedContentError, LimitExceededError, UnsupportedError } from '../content/index.ts'
import { placeError } from './place-error.ts'

/** Makes an error of reading an archive one of the place that the archive is; any other error is given back as it is. */
export function archiveError(display: string, error: unknown): unknown {
  if (error instanceof DamagedArchiveError) {
    return new DamagedContentError(`Cannot read ${display}: ${reasonOf(error)}`, {
      hint:
        error.hint ??
        'Fetch or write the archive again; it must be a tar archive, plain or compressed with gzip or zstd.',
      cause: error,
    })
  }
  if (error instanceof ArchiveLimitError) {
    return new LimitExceededError(`Cannot read ${display}: ${reasonOf(error)}`, {
      hint: error.hint,
      cause: error,
    })
  }
  if (error instanceof UnsupportedCompressionError) {
    return new UnsupportedError(`Cannot read ${display}: ${reasonOf(error)}`, {
      hint: error.hint,
      cause: error,
    })
  }
  return placeError(`read ${display}`, error)
}

/** What comes after "Cannot do X: ". */
function reasonOf(error: Error): string {
  return error.message.replace(/^Cannot [^:]{1,100}: /, '')
}
