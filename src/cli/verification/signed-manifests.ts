import type { OperationOptions, Source } from '../../content/index.ts'
import { chooseImage, type FoundManifest } from '../../images/index.ts'
import type { Digest, Platform } from '../../oci/index.ts'

/** A manifest that may be signed for an image. */
export interface SignedManifest {
  readonly digest: Digest
  readonly bytes: Uint8Array
  /** `platform`: a manifest of the index that was named; `manifest`: the manifest that was named. */
  readonly what: 'index' | 'platform' | 'manifest'
  readonly platform: Platform | undefined
}

/**
 * What may be signed so that the image counts as signed: what was named; and of an index, where a platform is asked for, that
 * platform's manifest too, since the index holds its digest.
 *
 * @throws {PlatformNotFoundError} listing the platforms that there are.
 */
export async function signedManifests(
  source: Source,
  root: FoundManifest,
  platform: Platform | undefined,
  options: OperationOptions,
): Promise<readonly SignedManifest[]> {
  const { descriptor, bytes, manifest } = root
  const named: SignedManifest = {
    digest: descriptor.digest,
    bytes,
    what: manifest.kind,
    platform: undefined,
  }
  if (platform === undefined) return [named]
  const picked = await chooseImage(source, root, { platform, isDemanded: true }, options)
  if (picked.index === undefined) return [{ ...named, platform }]
  const { digest } = picked.descriptor
  return [named, { digest, bytes: picked.bytes, what: 'platform', platform }]
}
