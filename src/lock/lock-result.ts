import type { ImageUse } from './collect-uses.ts'
import type { SignatureStop } from './decide-signatures.ts'
import type { Proof } from './proof-store.ts'
import type { Lock, LockedImage, RememberedSigner } from './lock.ts'

/** What came of it. The lock may be written where `stops` and `failures` are empty, and must not be elsewhere. */
export interface LockResult {
  readonly lock: Lock
  /** Sorted by key. */
  readonly images: readonly LockedUse[]
  /** Keys of what the project uses no more. */
  readonly dropped: readonly string[]
  readonly stops: readonly { readonly image: string; readonly stop: SignatureStop }[]
  readonly failures: readonly { readonly image: string; readonly error: unknown }[]
}

/** One image, before and now. */
export interface LockedUse {
  readonly use: ImageUse
  readonly before: LockedImage | undefined
  readonly image: LockedImage
  readonly change: 'added' | 'moved' | 'kept'
  /** Signatures that are there and do not verify; 0 where none was looked for. */
  readonly rejected: number
  /** The signature that let it in, where it was looked for. */
  readonly proof?: Proof | undefined
  /** When the signature that let it in was made, as was proved. */
  readonly signedAt?: Date | undefined
  /** Set where it is another workflow of the same repository that signed. */
  readonly otherWorkflow?: { readonly was: RememberedSigner; readonly is: RememberedSigner } | undefined
}

/** The signatures that were looked for and let images in. */
export function proofsOf({ images }: Pick<LockResult, 'images'>): readonly Proof[] {
  return images.flatMap(({ proof }) => proof ?? [])
}
