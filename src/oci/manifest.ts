import type { Descriptor } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { isDigest } from './digest.ts'
import { mediaTypes } from './media-types.ts'

/** One image, or an artifact: its config and layers, bottom layer first (OCI image specification, manifest.md). */
export interface ImageManifest {
  readonly kind: 'manifest'
  readonly mediaType: string
  readonly artifactType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  /** What this one refers to. */
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** Several manifests under one name, as a rule one for each platform (image-index.md; Docker's manifest list). */
export interface ImageIndex {
  readonly kind: 'index'
  readonly mediaType: string
  readonly artifactType?: string
  readonly manifests: readonly Descriptor[]
  /** What this one refers to. */
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** A document at a manifest URL, told apart by `kind`. */
export type Manifest = ImageManifest | ImageIndex

/** The content that a manifest needs, in order: config and layers, or the manifests of an index. A subject is not one. */
export function childrenOf(manifest: Manifest): readonly Descriptor[] {
  return manifest.kind === 'index' ? manifest.manifests : [manifest.config, ...manifest.layers]
}

/**
 * What kind of artifact a manifest is, as the referrers API lists it: its `artifactType`, else a manifest's config media type
 * (OCI distribution specification, "Listing Referrers"). An index without one has none.
 */
export function artifactTypeOf(manifest: Manifest): string | undefined {
  if (manifest.artifactType !== undefined) return manifest.artifactType
  return manifest.kind === 'manifest' ? manifest.config.mediaType : undefined
}

/** Says whether the manifest is a runnable image: its config is an image config, OCI or Docker. */
export function isImage(manifest: ImageManifest): boolean {
  const { mediaType } = manifest.config
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig
}

const referenceType = 'vnd.docker.reference.type'
const referenceDigest = 'vnd.docker.reference.digest'

/**
 * Says whether an index's entry is a BuildKit attestation and no platform: it says so in `vnd.docker.reference.type`, or its
 * platform is `unknown/unknown`.
 */
export function isAttestationEntry(entry: Descriptor): boolean {
  if (entry.annotations?.[referenceType] === 'attestation-manifest') return true
  return entry.platform?.os === 'unknown' && entry.platform.architecture === 'unknown'
}

/** The manifest that an attestation entry is about; undefined when it does not say. */
export function attestationSubject(entry: Descriptor): Digest | undefined {
  const digest = isAttestationEntry(entry) ? entry.annotations?.[referenceDigest] : undefined
  return digest !== undefined && isDigest(digest) ? digest : undefined
}
