import {
  type Descriptor,
  digestOf,
  emptyDescriptor,
  type ImageManifest,
  mediaTypes,
  serializeManifest,
} from '../../oci/index.ts'
import { readBundle } from '../bundle/read-bundle.ts'
import { readStatement } from '../bundle/read-statement.ts'

/** The media type of the bundles that are made here, and the artifact type of what holds one. */
export const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** Content in memory, with what names it. */
export interface StoredContent {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** A bundle as an artifact that refers to an image. */
export interface BundleArtifact {
  /** The bundle's JSON: the one layer. */
  readonly layer: StoredContent
  readonly manifest: StoredContent
}

/**
 * Writes a bundle as cosign 3 and actions/attest do
 * (https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md): artifact type, empty config, one layer, the
 * image as `subject`, and annotations that say what is in it without its being read.
 *
 * @param subject media type, digest and size count
 * @throws {NotVerifiedError} it is no bundle.
 */
export function bundleArtifact(bundle: unknown, subject: Descriptor, created: Date): BundleArtifact {
  const layer = stored(bundleMediaType, Buffer.from(JSON.stringify(bundle)))
  const manifest: ImageManifest = {
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    artifactType: bundleMediaType,
    config: emptyDescriptor,
    layers: [layer.descriptor],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    annotations: {
      ...contentAnnotations(bundle),
      'org.opencontainers.image.created': `${created.toISOString().slice(0, 19)}Z`,
    },
  }
  return { layer, manifest: stored(mediaTypes.ociManifest, serializeManifest(manifest)) }
}

function contentAnnotations(bundle: unknown): Readonly<Record<string, string>> {
  const { content } = readBundle(bundle)
  return content.kind === 'message'
    ? { 'dev.sigstore.bundle.content': 'message-signature' }
    : {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': readStatement(content.payload).predicateType,
      }
}

function stored(mediaType: string, bytes: Uint8Array): StoredContent {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes }
}
