import type { Attachment } from '../../content/index.ts'
import { type Descriptor, isImage, type Manifest, mediaTypes } from '../../oci/index.ts'
import type { Attached } from './attached.ts'

/** What is known of an attachment from its manifest. */
export function describeAttached(
  { descriptor, tag }: Attachment,
  manifest: Manifest,
  isFromIndex: boolean,
): Omit<Attached, 'attached' | 'claims'> {
  const { digest, mediaType } = descriptor
  const annotations = { ...descriptor.annotations, ...manifest.annotations }
  return {
    type: typeOf(descriptor, manifest) ?? null,
    digest,
    mediaType,
    size: sizeOf(descriptor, manifest),
    via: isFromIndex ? 'index' : tag === undefined ? 'referrer' : 'tag',
    tag: tag ?? null,
    created: annotations['org.opencontainers.image.created'] ?? null,
    predicateTypes: predicateTypesOf(manifest, annotations),
    annotations,
  }
}

/** Cosign's older signatures and BuildKit's attestations have the config of an image: their layers say what they are. */
function typeOf(descriptor: Descriptor, manifest: Manifest): string | undefined {
  const stated = manifest.artifactType ?? descriptor.artifactType
  const isImageType = stated === mediaTypes.ociConfig || stated === mediaTypes.dockerConfig
  if (stated !== undefined && stated !== '' && !isImageType) return stated
  if (manifest.kind === 'index') return undefined
  const { config, layers } = manifest
  const saysNothing = isImage(manifest) || config.mediaType === mediaTypes.ociEmpty
  return saysNothing ? layers[0]?.mediaType : config.mediaType
}

function sizeOf(descriptor: Descriptor, manifest: Manifest): number {
  if (manifest.kind === 'index') return descriptor.size
  return [manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, descriptor.size)
}

/** Where BuildKit, cosign's older tags and Sigstore bundles write it. */
const predicateAnnotations = [
  'in-toto.io/predicate-type',
  'predicateType',
  'dev.sigstore.bundle.predicateType',
]

function predicateTypesOf(manifest: Manifest, annotations: Readonly<Record<string, string>>): string[] {
  const layers = manifest.kind === 'manifest' ? manifest.layers : []
  const found = [annotations, ...layers.map((layer) => layer.annotations ?? {})].flatMap((each) =>
    predicateAnnotations.flatMap((name) => each[name] ?? []),
  )
  return [...new Set(found)].filter((type) => type !== '')
}
