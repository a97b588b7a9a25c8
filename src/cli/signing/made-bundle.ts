import type { CosignLayer } from '../../signing/index.ts'
import type { SigningSubject } from './named-subjects.ts'

/** A signature that was made and is not stored yet. */
export interface MadeBundle {
  readonly subject: SigningSubject
  readonly bundle: unknown
  /** The same in cosign's older format, where that is wanted. */
  readonly layer?: CosignLayer | undefined
}
