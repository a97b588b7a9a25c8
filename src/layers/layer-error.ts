import { ArchiveLimitError, DamagedArchiveError, UnsupportedCompressionError } from '../archive/index.ts'
import { DamagedContentError, LimitExceededError, UnsupportedError } from '../content/index.ts'
import type { Digest } from '../oci/index.ts'

/** The error as it concerns the layer: what its archive is blamed for becomes an error that names the layer. */
export function layerError(layer: Digest, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const message = `Cannot read layer ${layer}: ${error.message}`
  if (error instanceof DamagedArchiveError) return new DamagedContentError(message, { cause: error })
  if (error instanceof ArchiveLimitError) return new LimitExceededError(message, { cause: error })
  if (error instanceof UnsupportedCompressionError) return new UnsupportedError(message, { cause: error })
  return error
}

/** An entry of a layer cannot be part of a file system. */
export function damagedLayer(layer: Digest, path: string, problem: string): DamagedContentError {
  return new DamagedContentError(
    `Cannot read layer ${layer}: entry ${JSON.stringify(path.slice(0, 200))} ${problem}`,
  )
}
