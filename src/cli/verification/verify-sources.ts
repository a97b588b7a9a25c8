import type { OperationOptions } from '../../content/index.ts'
import {
  type Evidence,
  type EvidenceVerdict,
  type ImageCriteria,
  type RejectedEvidence,
  type TrustMaterial,
  verifyEvidence,
} from '../../signing/index.ts'
import type { EvidenceSource } from './evidence-sources.ts'
import type { SignedManifest } from './signed-manifests.ts'

/** What {@link verifyInTurn} and {@link verifyAll} are asked. */
export interface VerifyRequest extends OperationOptions {
  readonly manifests: readonly SignedManifest[]
  readonly criteria: ImageCriteria
  readonly trust: TrustMaterial
}

/**
 * Asks one place after the other and stops at the first that has what was asked for.
 *
 * @throws the first error of a place, unless another one has it: without an answer from everywhere there is no "no".
 */
export async function verifyInTurn(
  sources: readonly EvidenceSource[],
  request: VerifyRequest,
): Promise<EvidenceVerdict> {
  const rejected: RejectedEvidence[] = []
  const errors: unknown[] = []
  for (const source of sources) {
    let found: readonly Evidence[]
    try {
      found = await source.find()
    } catch (error) {
      request.signal?.throwIfAborted()
      errors.push(error)
      continue
    }
    const verdict = await verify(found, request)
    rejected.push(...verdict.rejected)
    if (verdict.satisfied !== undefined) return { ...verdict, rejected }
  }
  if (errors.length > 0) throw errors[0]
  return { satisfied: undefined, rejected }
}

/** Asks all places first, all of which have to answer, and hands on what they have before it is verified. */
export async function verifyAll(
  sources: readonly EvidenceSource[],
  request: VerifyRequest,
  onFound: (found: readonly Evidence[]) => Promise<void>,
): Promise<EvidenceVerdict> {
  const found = (await Promise.all(sources.map((source) => source.find()))).flat()
  await onFound(found)
  return verify(found, request)
}

function verify(
  found: readonly Evidence[],
  { criteria, manifests, signal, trust }: VerifyRequest,
): Promise<EvidenceVerdict> {
  return verifyEvidence(found, criteria, trust, {
    signal,
    manifests: new Map(manifests.map(({ bytes, digest }) => [digest, bytes])),
  })
}
