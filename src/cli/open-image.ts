import { type Source, UnsupportedError } from '../content/index.ts'
import { chooseImage, findManifest, type Location, readImageConfig } from '../images/index.ts'
import { artifactTypeOf, type Descriptor, isLayerArchive, type Platform } from '../oci/index.ts'
import type { CliContext } from './context.ts'
import { type PlaceFlags } from './place-flags.ts'
import type { Progress } from './progress.ts'
import { wantedPlatform } from './wanted-platform.ts'
import { withPlaces } from './with-places.ts'

/** Flags of every verb that looks into one image. */
export type ImageFlags = PlaceFlags & {
  /** Default: this machine's, or what the configuration says. */
  readonly platform?: Platform | undefined
}

/** One image, opened to look into its file system. */
export interface OpenedImage {
  readonly source: Source
  /** Of the image's manifest. */
  readonly descriptor: Descriptor
  /** Lowest first. */
  readonly layers: readonly Descriptor[]
  readonly progress: Progress
  /** The platform that its index says, else its config. */
  readPlatform(): Promise<Platform>
}

/**
 * Runs work with the one image of a place that is meant: of an index that for a platform.
 *
 * @throws {PlatformNotFoundError} listing the platforms that there are.
 * @throws {UnsupportedError} for an artifact, which has no file system.
 */
export async function withImage(
  context: CliContext,
  flags: ImageFlags,
  location: Location,
  work: (image: OpenedImage) => Promise<void>,
): Promise<void> {
  const { signal } = context
  await withPlaces(context, flags, [location], async ({ places, config, progress }) => {
    await using opened = await places.openSource(location, { signal })
    const { source } = opened
    const found = await findManifest(source, opened.name, { signal })
    const wanted = {
      platform: flags.platform ?? wantedPlatform(context, config),
      isDemanded: flags.platform !== undefined,
    }
    const { descriptor, manifest } = await chooseImage(source, found, wanted, { signal })
    const readPlatform = async (): Promise<Platform> =>
      descriptor.platform ?? (await readImageConfig(source, manifest, { signal })).platform

    const layers = manifest.layers
    if (!layers.every(({ mediaType }) => isLayerArchive(mediaType))) {
      throw new UnsupportedError(
        `Cannot look into ${location.text}: it is an artifact (${artifactTypeOf(manifest) ?? 'of no type'}), not an image`,
        { hint: `lading inspect ${location.text}` },
      )
    }
    await work({ source, descriptor, layers, progress, readPlatform })
  })
}
