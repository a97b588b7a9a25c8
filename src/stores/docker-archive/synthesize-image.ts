import type { ArchiveFiles } from '../archive-files.ts'
import { canonicalJson } from '../canonical-json.ts'
import { DamagedContentError, type OperationOptions, verifiedBytes } from '../../content/index.ts'
import {
  type Descriptor,
  type Digest,
  digestOf,
  type ImageConfig,
  maxConfigBytesRead,
  mediaTypes,
  parseConfig,
} from '../../oci/index.ts'
import { readSmallFile } from '../layout-files.ts'
import type { ArchiveHasher, HashedFile } from './archive-hasher.ts'
import type { DockerImage } from './docker-manifest.ts'

/** A manifest that was put together for an image that has none. */
export interface SynthesizedImage {
  readonly descriptor: Descriptor
  /** The manifest. */
  readonly bytes: Uint8Array
  /** Where config and layers lie in the archive. */
  readonly paths: ReadonlyMap<Digest, string>
}

/**
 * Puts an OCI manifest together for an image of a docker-archive: config and layers as they are stored. The same
 * archive always gives the same bytes. A layer that is stored uncompressed is held against the config's diff ID,
 * which is its digest; a compressed one is not opened for it.
 *
 * @throws {DamagedContentError} when a file is missing, or config and layers disagree.
 */
export async function synthesizeImage(
  files: ArchiveFiles,
  hasher: ArchiveHasher,
  image: DockerImage,
  options: OperationOptions,
): Promise<SynthesizedImage> {
  const { digest, size } = await hasher.content(image.config, options)
  const config = { mediaType: mediaTypes.ociConfig, digest, size }
  const { platform, rootfs } = parseConfig(
    verifiedBytes(config, await readSmallFile(files, image.config, maxConfigBytesRead, options)),
  )
  const layers: HashedFile[] = []
  for (const path of image.layers) layers.push(await hasher.content(path, options))
  checkDiffIds(files.display, image, layers, rootfs)
  const bytes = Buffer.from(
    canonicalJson(
      {
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config,
        layers: layers.map((layer) => ({
          mediaType: layer.layerType,
          digest: layer.digest,
          size: layer.size,
        })),
      },
      ['schemaVersion', 'mediaType', 'digest', 'size', 'config', 'layers'],
    ),
  )
  return {
    descriptor: {
      mediaType: mediaTypes.ociManifest,
      digest: digestOf(bytes),
      size: bytes.length,
      ...(platform.os === '' || platform.architecture === '' ? {} : { platform }),
    },
    bytes,
    paths: new Map([
      [digest, image.config],
      ...image.layers.map((path, place) => pathOf(layers, place, path)),
    ]),
  }
}

function pathOf(layers: readonly HashedFile[], place: number, path: string): [Digest, string] {
  const layer = layers[place]
  if (layer === undefined) throw new DamagedContentError(`Cannot read layer ${place}: it was not hashed`)
  return [layer.digest, path]
}

function checkDiffIds(
  display: string,
  image: DockerImage,
  layers: readonly HashedFile[],
  { diffIds }: ImageConfig['rootfs'],
): void {
  if (diffIds.length !== layers.length) {
    throw new DamagedContentError(
      `Cannot read ${display}: manifest.json names ${layers.length} layers for an image whose config ${JSON.stringify(image.config)} names ${diffIds.length}`,
    )
  }
  for (const [place, layer] of layers.entries()) {
    if (layer.layerType !== mediaTypes.ociLayer || layer.digest === diffIds[place]) continue
    throw new DamagedContentError(
      `Cannot read ${display}: layer ${JSON.stringify(image.layers[place])} has the digest ${layer.digest}, the image's config says ${diffIds[place]}`,
    )
  }
}
