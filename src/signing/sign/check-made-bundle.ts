import { Readable } from 'node:stream'
import { UsageError } from '../../errors/index.ts'
import { isDigest } from '../../oci/index.ts'
import { readStatement } from '../bundle/read-statement.ts'
import { TrustMaterial } from '../trust/trust-material.ts'
import type { Artifact } from '../types.ts'
import { verifyBundle } from '../verify/verify-bundle.ts'
import type { MadeSignature, SignedContent } from './types.ts'

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
  content: SignedContent,
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
  await verifyBundle(bundle, artifactOf(content), policy, trust ?? new TrustMaterial([]), { signal })
}

function artifactOf(content: SignedContent): Artifact {
  if (content.kind === 'message') return { open: () => Readable.from([content.bytes]) }
  const digests = readStatement(content.payload)
    .subjects.flatMap(({ digest }) => Object.entries(digest))
    .map(([algorithm, hex]) => `${algorithm}:${hex}`)
  const known = digests.find(isDigest)
  if (known === undefined) throw new UsageError('Cannot sign the statement: no subject of it has a digest')
  return { digests: [known] }
}
