import { isDeepStrictEqual } from 'node:util'
import type { Lock, LockedImage, RememberedSigner } from './lock.ts'

/**
 * One lock of the two sides of a merge. Signers of both sides are remembered. An image that the sides do not agree about stays as one
 * side has it, the one with a verified signature where there is one, and is `unsettled`: it has to be looked up again, and is held to
 * that signature. Where an image is used is not looked at: the sources say so.
 */
export function mergeSides(
  ours: Lock,
  theirs: Lock,
): { readonly lock: Lock; readonly unsettled: ReadonlySet<string> } {
  const unsettled = new Set<string>()
  const images: Record<string, LockedImage> = { ...theirs.images, ...ours.images }
  for (const [key, mine] of Object.entries(ours.images)) {
    const other = theirs.images[key]
    if (other === undefined || isDeepStrictEqual({ ...mine, usedBy: [] }, { ...other, usedBy: [] })) continue
    unsettled.add(key)
    if (other.signatures.status === 'verified' && mine.signatures.status !== 'verified') images[key] = other
  }
  return { lock: { images, signers: mergeSigners(ours, theirs) }, unsettled }
}

function mergeSigners(ours: Lock, theirs: Lock): Lock['signers'] {
  const signers: Record<string, readonly RememberedSigner[]> = { ...theirs.signers }
  for (const [repository, mine] of Object.entries(ours.signers)) {
    const others = (theirs.signers[repository] ?? []).filter(
      (signer) => !mine.some((one) => isDeepStrictEqual(one, signer)),
    )
    signers[repository] = [...mine, ...others]
  }
  return signers
}
