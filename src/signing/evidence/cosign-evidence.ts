import {
  createLimiter,
  type Fetcher,
  fetchBytes,
  LimitExceededError,
  type OperationOptions,
} from '../../content/index.ts'
import type { Descriptor, Digest, ImageManifest } from '../../oci/index.ts'
import { cosignBundle } from './cosign-bundle.ts'
import type { Evidence, EvidenceContent } from './evidence.ts'
import { type EvidenceBudget, largestEvidence, mostEvidence } from './evidence-budget.ts'
import { readJson } from './read-json.ts'

const simpleSigning = 'application/vnd.dev.cosign.simplesigning.v1+json'
const envelope = 'application/vnd.dsse.envelope.v1+json'

/**
 * Reads the layers under a tag of cosign's older format, each a signature (`.sig`: a simple signing payload, the signature in
 * annotations) or an attestation (`.att`: a DSSE envelope). Other layers, and other tags, hold no signature.
 *
 * @throws {LimitExceededError} for more than 1,000 layers.
 */
export async function cosignEvidence(
  source: Fetcher,
  subject: Digest,
  tag: string,
  { layers }: ImageManifest,
  { budget, signal }: OperationOptions & { readonly budget: EvidenceBudget },
): Promise<readonly Evidence[]> {
  if (layers.length > mostEvidence) {
    throw new LimitExceededError(
      `Cannot read the signatures under ${tag}: there are ${layers.length} layers, more than ${mostEvidence}`,
    )
  }
  const signed = layers.filter(({ mediaType }) => mediaType === simpleSigning || mediaType === envelope)
  const limiter = createLimiter(8)
  return Promise.all(
    signed.map(async (layer) => ({
      place: { kind: 'tag', tag, layer: layer.digest } as const,
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
  return typeof bundle === 'string' ? { kind: 'unreadable', reason: bundle } : { kind: 'bundle', bundle }
}
