import type { Descriptor } from '../../../oci/index.ts'
import type { PushedManifest } from './registry-storage.ts'
import type { ReadManifest } from './read-pushed-manifest.ts'

/** The descriptor that the subject's referrers list (distribution specification, "Pushing Manifests with Subject"). */
export function referrerOf(
  { digest, bytes }: Pick<PushedManifest, 'digest' | 'bytes'>,
  { mediaType, artifactType, annotations }: ReadManifest,
): Descriptor {
  return {
    mediaType,
    digest,
    size: bytes.length,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}
