import { ArchiveLimitError, DamagedArchiveError, UnsupportedCompressionError } from '../archive/index.ts'
import { DamagedContentError, LimitExceededError, UnsupportedError } from '../content/index.ts'
import { LadingError } from '../errors/index.ts'
import type { Digest } from '../oci/index.ts'

/** The error as it concerns the layer: what its archive is blamed for becomes an error that names the layer. */
export function layerError(layer: Digest, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const message = `Cannot read layer ${layer}: ${reasonOf(error)}`
  const options = { hint: error instanceof LadingError ? error.hint : undefined, cause: error }
  if (error instanceof DamagedArchiveError) return new DamagedContentError(message, options)
  if (error instanceof ArchiveLimitError) return new LimitExceededError(message, options)
  if (error instanceof UnsupportedCompressionError) return new UnsupportedError(message, options)
  return error
}

/** What comes after "Cannot do X: ". */
function reasonOf(error: Error): string {
  return error.message.replace(/^Cannot [^:]{1,100}: /, '')
}

/** An entry of a layer cannot be part of a file system. */
export function damagedLayer(layer: Digest, path: string, problem: string): DamagedContentError {
  return new DamagedContentError(
    `Cannot read layer ${layer}: entry ${JSON.stringify(path.slice(0, 200))} ${problem}`,
  )
}
