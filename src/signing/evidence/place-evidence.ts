import {
  type Attachment,
  AttachmentFinder,
  createLimiter,
  type Fetcher,
  fetchBytes,
  LimitExceededError,
  type OperationOptions,
  type Source,
  UnsupportedError,
} from '../../content/index.ts'
import {
  type Digest,
  type ImageManifest,
  InvalidDocumentError,
  type Manifest,
  parseManifest,
  UnsupportedDocumentError,
} from '../../oci/index.ts'
import { cosignEvidence } from './cosign-evidence.ts'
import type { Evidence, EvidenceContent, EvidencePlace } from './evidence.ts'
import { type EvidenceBudget, largestEvidence, mostEvidence } from './evidence-budget.ts'
import { readJson } from './read-json.ts'

/** Options of {@link placeEvidence}. */
export interface PlaceEvidenceOptions extends OperationOptions {
  readonly budget: EvidenceBudget
}

const bundleType = /^application\/vnd\.dev\.sigstore\.bundle[.+]/

/**
 * Finds what an image's own place has about a manifest: Sigstore bundles as referrers (by API or fallback tag; every referrer is
 * looked into, since some registries list them with a wrong type) and cosign's older tags `.sig` and `.att`.
 *
 * @throws when a listing fails, or when something listed cannot be had: that is not "there is none".
 * @throws {LimitExceededError} for more than there is room for.
 */
export async function placeEvidence(
  source: Source,
  subject: Digest,
  { budget, signal }: PlaceEvidenceOptions,
): Promise<readonly Evidence[]> {
  signal?.throwIfAborted()
  if (source.referrers === undefined) {
    throw new UnsupportedError(`Cannot look for signatures at ${source.display}: it lists no referrers`)
  }
  const attachments = await new AttachmentFinder(source, { signal }).of(subject)
  if (attachments.length > mostEvidence) {
    throw new LimitExceededError(
      `Cannot look for signatures of ${subject}: more than ${mostEvidence} manifests are attached to it`,
    )
  }
  const limiter = createLimiter(8)
  const found = await Promise.all(
    attachments.map((attachment) =>
      limiter.run(() => attachmentEvidence(source, subject, attachment, { budget, signal })),
    ),
  )
  return found.flat()
}

/** What something attached to a manifest has to show; empty where it is no signature. Rejects when it cannot be had. */
export async function attachmentEvidence(
  source: Fetcher,
  subject: Digest,
  { descriptor, tag }: Attachment,
  options: PlaceEvidenceOptions,
): Promise<readonly Evidence[]> {
  const bytes = await fetchBytes(source, descriptor, options)
  const referrer = { kind: 'referrer', digest: descriptor.digest } as const
  const manifest = parsed(bytes, descriptor.mediaType)
  if (typeof manifest === 'string')
    return [{ place: referrer, subjects: [subject], content: unreadable(manifest) }]
  if (manifest.kind === 'index') return []
  if (tag === undefined && isBundleManifest(manifest)) {
    const content = await readBundle(source, manifest, options)
    return [{ place: referrer, subjects: [subject], content }]
  }
  // cosign's older format may refer to its subject too (cosign 2, --registry-referrers-mode oci-1-1).
  const place = (layer: Digest): EvidencePlace => (tag === undefined ? referrer : { kind: 'tag', tag, layer })
  return cosignEvidence(source, subject, manifest, { ...options, place })
}

/** A manifest, or what is wrong with it. */
function parsed(bytes: Uint8Array, mediaType: string): Manifest | string {
  try {
    return parseManifest(bytes, mediaType)
  } catch (error) {
    if (error instanceof InvalidDocumentError || error instanceof UnsupportedDocumentError)
      return error.message
    throw error
  }
}

/** By what the manifest says itself, not by how it is listed. */
function isBundleManifest({ artifactType, config, layers }: ImageManifest): boolean {
  return [artifactType, config.mediaType, layers[0]?.mediaType].some(
    (type) => type !== undefined && bundleType.test(type),
  )
}

async function readBundle(
  source: Fetcher,
  { layers }: ImageManifest,
  { budget, signal }: PlaceEvidenceOptions,
): Promise<EvidenceContent> {
  const [layer] = layers
  if (layer === undefined || layers.length !== 1)
    return unreadable(`a bundle is one layer, here are ${layers.length}`)
  if (layer.size > largestEvidence)
    return unreadable(`it has ${layer.size} bytes, more than the ${largestEvidence} that are read`)
  budget.take(layer.size)
  const bundle = readJson(await fetchBytes(source, layer, { limit: largestEvidence, signal }))
  return bundle === undefined ? unreadable('it is not JSON') : { kind: 'bundle', bundle }
}

function unreadable(reason: string): EvidenceContent {
  return { kind: 'unreadable', reason }
}
