import { isIndex, isManifest, isSchema1, mediaTypes } from '../oci/index.ts'

/** Whether content of this type lives under `/manifests/` at a registry. */
export function isManifestType(mediaType: string): boolean {
  return (
    isManifest(mediaType) ||
    isIndex(mediaType) ||
    isSchema1(mediaType) ||
    mediaType === mediaTypes.ociArtifactManifest
  )
}
