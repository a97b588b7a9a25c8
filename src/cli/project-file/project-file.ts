import type { LockSection } from './lock-section.ts'
import type { TrustSection } from './trust-section.ts'

/** What `lading.yaml` may say. Paths in it are meant from the folder that it lies in. */
export interface ProjectFile {
  readonly trust?: TrustSection | undefined
  readonly lock?: LockSection | undefined
}
