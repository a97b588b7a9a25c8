import type { ArchiveLimits } from './types.ts'

/** The bounds that hold where nothing else is said. */
export const defaultLimits: Required<ArchiveLimits> = {
  entries: 4_000_000,
  pathLength: 32 * 1024,
  headerSize: 1024 * 1024,
  size: 2 ** 40,
  ratio: 1100,
}
