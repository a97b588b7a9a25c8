import type { ImageUse } from './collect-uses.ts'
import type { Examination } from './examine-signatures.ts'
import type { LockedImage } from './lock.ts'

/** What was learnt of one image. */
export interface LearntImage {
  readonly use: ImageUse
  readonly before: LockedImage | undefined
  /** Its signatures are those that it had, until they are decided about. */
  readonly image: Omit<LockedImage, 'signatures'>
  /** Undefined where its signatures were not looked for again. */
  readonly examination: Examination | undefined
}
