import { UsageError } from '../errors/index.ts'
import type { Descriptor } from '../oci/index.ts'
import type { FileLocation, RegistryLocation } from './location.ts'

/** A target that names a digest takes nothing else. @throws {UsageError} */
export function checkDigest(location: RegistryLocation | FileLocation, root: Descriptor): void {
  const digest = location.kind === 'registry' ? location.reference.digest : location.digest
  if (digest !== undefined && digest !== root.digest) {
    throw new UsageError(`Cannot copy to ${location.text}: what is copied has the digest ${root.digest}`, {
      hint: 'Name a tag instead of the digest, or another source.',
    })
  }
}
