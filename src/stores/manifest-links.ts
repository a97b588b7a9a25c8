import {
  artifactTypeOf,
  type Descriptor,
  type Digest,
  isIndex,
  isManifest,
  parseManifest,
} from '../oci/index.ts'

/** What a manifest or index says of other content, and of itself as a referrer. */
export interface ManifestLinks {
  /** What it refers to by `subject`. */
  readonly subject: Digest | undefined
  /** The manifests of an index; empty for a manifest. */
  readonly manifests: readonly Descriptor[]
  /** The manifest as the referrers API describes it: with `artifactType` and `annotations` from inside. */
  readonly descriptor: Descriptor
}

/** Says whether a media type is that of a manifest or an index. */
export function isManifestType(mediaType: string): boolean {
  return isManifest(mediaType) || isIndex(mediaType)
}

/**
 * Reads what a manifest points to.
 *
 * @param descriptor The manifest's own; its bytes are taken as verified.
 * @throws {InvalidDocumentError}
 */
export function readManifestLinks({ mediaType, digest, size }: Descriptor, bytes: Uint8Array): ManifestLinks {
  const manifest = parseManifest(bytes, mediaType)
  const artifactType = artifactTypeOf(manifest)
  return {
    subject: manifest.subject?.digest,
    manifests: manifest.kind === 'index' ? manifest.manifests : [],
    descriptor: {
      mediaType,
      digest,
      size,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
    },
  }
}
