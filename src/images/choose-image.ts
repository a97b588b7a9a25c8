import type { OperationOptions, Source } from '../content/index.ts'
import type { Platform } from '../oci/index.ts'
import { type FoundManifest, pickImage, type PickedImage, readImageConfig } from './pick-image.ts'
import { platformEntry } from './platform-entry.ts'

/** Which image of an index is meant. */
export interface WantedImage {
  readonly platform: Platform
  /** Whether the platform was asked for, so that an image that stands alone must have it too; default false. */
  readonly isDemanded?: boolean
}

/**
 * Gives the one image that is meant of what was found.
 *
 * @throws {PlatformNotFoundError} listing the platforms that there are.
 */
export async function chooseImage(
  source: Source,
  found: FoundManifest,
  { platform, isDemanded = false }: WantedImage,
  options: OperationOptions = {},
): Promise<PickedImage> {
  const picked = await pickImage(source, found, platform, options)
  if (!isDemanded || picked.index !== undefined) return picked

  const config = await readImageConfig(source, picked.manifest, options)
  const entry = { ...picked.descriptor, platform: config.platform }
  return { ...picked, descriptor: platformEntry([entry], platform, source.display) }
}
