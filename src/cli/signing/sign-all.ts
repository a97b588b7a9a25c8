import { createLimiter, type OperationOptions } from '../../content/index.ts'
import {
  type BundleSigner,
  signBundle,
  signCosignLayer,
  type SignedContent,
  type TrustMaterial,
  type Witnesses,
} from '../../signing/index.ts'
import type { MadeBundle } from './made-bundle.ts'
import type { SigningSubject } from './named-subjects.ts'

/** Options of {@link signAll}. */
export interface SignAllOptions extends OperationOptions {
  readonly signer: BundleSigner
  readonly witnesses: Witnesses
  /** What the signatures are verified under before anybody sees them. */
  readonly trust: TrustMaterial | undefined
  /** Whether cosign's older format is wanted. */
  readonly isOlder: boolean
}

/** Signs about each subject, a few at a time; gives the signatures in the order of the subjects. */
export function signAll(
  subjects: readonly SigningSubject[],
  contentOf: (subject: SigningSubject) => SignedContent,
  { signer, witnesses, trust, isOlder, signal }: SignAllOptions,
): Promise<readonly MadeBundle[]> {
  const limiter = createLimiter(4)
  const signOne = async (subject: SigningSubject): Promise<MadeBundle> => {
    const content = contentOf(subject)
    const options = { trust, signal }
    return isOlder
      ? { subject, ...(await signCosignLayer(content, signer, witnesses, options)) }
      : { subject, bundle: await signBundle(content, signer, witnesses, options) }
  }
  return Promise.all(subjects.map((subject) => limiter.run(() => signOne(subject))))
}
