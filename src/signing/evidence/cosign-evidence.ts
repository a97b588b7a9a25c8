import {
  createLimiter,
  type Fetcher,
  fetchBytes,
  LimitExceededError,
  type OperationOptions,
} from '../../content/index.ts'
import type { Descriptor, Digest, ImageManifest } from '../../oci/index.ts'
import { cosignBundle } from './cosign-bundle.ts'
import type { Evidence, EvidenceContent, EvidencePlace } from './evidence.ts'
import { type EvidenceBudget, largestEvidence, mostEvidence } from './evidence-budget.ts'
import { readJson } from './read-json.ts'

const simpleSigning = 'application/vnd.dev.cosign.simplesigning.v1+json'
const envelope = 'application/vnd.dsse.envelope.v1+json'

/** Options of {@link cosignEvidence}. */
export interface CosignEvidenceOptions extends OperationOptions {
  readonly budget: EvidenceBudget
  /** Where a layer was found. */
  readonly place: (layer: Digest) => EvidencePlace
}

/**
 * Reads the layers of a manifest of cosign's older format, each a signature (`.sig`: a simple signing payload, the signature in
 * annotations) or an attestation (`.att`: a DSSE envelope). Other layers, and other manifests, hold no signature.
 *
 * @throws {LimitExceededError} for more than 1,000 layers.
 */
export async function cosignEvidence(
  source: Fetcher,
  subject: Digest,
  { layers }: ImageManifest,
  { budget, place, signal }: CosignEvidenceOptions,
): Promise<readonly Evidence[]> {
  const signed = layers.filter(({ mediaType }) => mediaType === simpleSigning || mediaType === envelope)
  if (signed.length > mostEvidence) {
    throw new LimitExceededError(
      `Cannot read the signatures of ${subject}: one manifest has ${signed.length}, more than ${mostEvidence}`,
    )
  }
  const limiter = createLimiter(8)
  return Promise.all(
    signed.map(async (layer) => ({
      place: place(layer.digest),
      subjects: [subject],
      content: await limiter.run(() => readLayer(source, layer, { budget, signal })),
    })),
  )
}

async function readLayer(
  source: Fetcher,
  layer: Descriptor,
  { budget, signal }: OperationOptions & { readonly budget: EvidenceBudget },
): Promise<EvidenceContent> {
  if (layer.size > largestEvidence) {
    return {
      kind: 'unreadable',
      reason: `it has ${layer.size} bytes, more than the ${largestEvidence} that are read`,
    }
  }
  budget.take(layer.size)
  const bytes = await fetchBytes(source, layer, { limit: largestEvidence, signal })
  const annotations = layer.annotations ?? {}
  if (layer.mediaType === simpleSigning) {
    const bundle = cosignBundle(annotations, { kind: 'payload', payload: bytes })
    return typeof bundle === 'string'
      ? { kind: 'unreadable', reason: bundle }
      : { kind: 'simple-signing', bundle, payload: bytes }
  }
  const bundle = cosignBundle(annotations, { kind: 'envelope', envelope: readJson(bytes) })
  return typeof bundle === 'string'
    ? { kind: 'unreadable', reason: bundle }
    : { kind: 'bundle', bundle, envelope: bytes }
}
