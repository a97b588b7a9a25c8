import { TrustMaterial } from '../trust/trust-material.ts'
import type { Artifact } from '../types.ts'
import { verifyBundle } from '../verify/verify-bundle.ts'
import type { MadeSignature } from './types.ts'

interface MadeBundle {
  readonly verificationMaterial: { readonly tlogEntries?: readonly unknown[] }
}

/**
 * Verifies a bundle that was just made, as those who get it will. Of one that needs a trust root nothing is checked
 * where there is none.
 *
 * @throws {NotVerifiedError}
 */
export async function checkMadeBundle(
  bundle: MadeBundle,
  artifact: Artifact,
  { material }: MadeSignature,
  {
    trust,
    signal,
  }: { readonly trust?: TrustMaterial | undefined; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const unlogged = material.kind === 'key' && bundle.verificationMaterial.tlogEntries === undefined
  if (trust === undefined && !unlogged) return
  const policy =
    material.kind === 'key'
      ? ({ kind: 'key', publicKeyPem: material.publicKeyPem, unlogged } as const)
      : ({ kind: 'unsafeAnyIdentity' } as const)
  await verifyBundle(bundle, artifact, policy, trust ?? new TrustMaterial([]), { signal })
}
