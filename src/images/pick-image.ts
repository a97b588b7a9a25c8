import { fetchBytes, type OperationOptions, type Source, UnsupportedError } from '../content/index.ts'
import {
  type Descriptor,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  maxConfigBytesRead,
  parseConfig,
  parseManifest,
  type Platform,
} from '../oci/index.ts'
import { platformEntry } from './platform-entry.ts'

/** A manifest or index as it was found under a name. */
export interface FoundManifest {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
  readonly manifest: ImageManifest | ImageIndex
}

/** One image of a place, found through its index where there is one. */
export interface PickedImage {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
  readonly manifest: ImageManifest
  /** The index that it was picked from. */
  readonly index?: FoundManifest
}

/** Looks a name up and reads the manifest or index there, verified. */
export async function findManifest(
  source: Source,
  name: string,
  options: OperationOptions = {},
): Promise<FoundManifest> {
  const descriptor = await source.resolve(name, options)
  return readManifest(source, descriptor, options)
}

/** Reads the manifest or index that a descriptor names, verified. */
export async function readManifest(
  source: Source,
  descriptor: Descriptor,
  options: OperationOptions = {},
): Promise<FoundManifest> {
  const bytes = await fetchBytes(source, descriptor, options)
  return { descriptor, bytes, manifest: parseManifest(bytes, descriptor.mediaType) }
}

/**
 * Gives the one image of what was found: itself, or the entry of an index for a platform; nested indexes are followed.
 *
 * @throws {PlatformNotFoundError} listing the platforms that there are.
 */
export async function pickImage(
  source: Source,
  found: FoundManifest,
  platform: Platform,
  options: OperationOptions = {},
): Promise<PickedImage> {
  let current = found
  let index: FoundManifest | undefined
  // Each step is one index deeper; a digest cannot contain itself, and real images are one deep.
  for (let depth = 0; depth < 8; depth += 1) {
    const { descriptor, bytes, manifest } = current
    if (manifest.kind === 'manifest') {
      return { descriptor, bytes, manifest, ...(index === undefined ? {} : { index }) }
    }
    index ??= current
    current = await readManifest(source, platformEntry(manifest.manifests, platform, source.display), options)
  }
  throw new UnsupportedError(
    `Cannot pick an image of ${found.descriptor.digest}: indexes are nested too deep`,
  )
}

/** Reads the configuration of an image, verified. */
export async function readImageConfig(
  source: Source,
  manifest: ImageManifest,
  options: OperationOptions = {},
): Promise<ImageConfig> {
  const bytes = await fetchBytes(source, manifest.config, { ...options, limit: maxConfigBytesRead })
  return parseConfig(bytes)
}
