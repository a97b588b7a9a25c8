import { LadingError } from '../../errors/index.ts'
import type { ArchiveFiles } from '../archive-files.ts'
import type { OperationOptions } from '../../content/index.ts'
import {
  type Descriptor,
  type Digest,
  digestOf,
  type ImageManifest,
  isDigest,
  parseManifest,
} from '../../oci/index.ts'
import { readSmallFile } from '../layout-files.ts'
import type { LayoutReader } from '../layout-reader.ts'
import type { ArchiveHasher } from './archive-hasher.ts'
import type { DockerImage } from './docker-manifest.ts'

/** Manifests of images have a few hundred bytes for each layer. */
const sizeLimit = 1024 * 1024
const candidateLimit = 2000

/**
 * Finds the manifest of an image among the blobs of an archive, by its config and layers. Docker 25 stores it, but
 * does not list it in `index.json` when the image was saved by its ID.
 *
 * @returns undefined when there is none, or the archive has no blobs.
 */
export async function findStoredManifest(
  files: ArchiveFiles,
  layout: LayoutReader | undefined,
  hasher: ArchiveHasher,
  image: DockerImage,
  options: OperationOptions,
): Promise<Descriptor | undefined> {
  if (layout === undefined) return undefined
  const config = (await hasher.content(image.config, options)).digest
  const layers: Digest[] = []
  for (const path of image.layers) layers.push((await hasher.content(path, options)).digest)
  for (const path of await candidates(files, image, options)) {
    const bytes = await readSmallFile(files, path, sizeLimit, options)
    if (bytes[0] !== openingBrace || `blobs/sha256/${digestOf(bytes).slice(7)}` !== path) continue
    const manifest = manifestIn(bytes)
    if (manifest === undefined || manifest.config.digest !== config || !sameLayers(manifest, layers)) continue
    return { mediaType: manifest.mediaType, digest: digestOf(bytes), size: bytes.length }
  }
  return undefined
}

const openingBrace = 0x7b

async function candidates(
  files: ArchiveFiles,
  image: DockerImage,
  options: OperationOptions,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of files.listing.paths()) {
    if (!isBlobPath(path) || path === image.config || image.layers.includes(path)) continue
    const size = await files.size(path, options)
    if (size !== undefined && size <= sizeLimit) found.push(path)
    if (found.length >= candidateLimit) break
  }
  return found
}

function isBlobPath(path: string): boolean {
  return path.startsWith('blobs/sha256/') && isDigest(`sha256:${path.slice(13)}`)
}

function manifestIn(bytes: Uint8Array): ImageManifest | undefined {
  try {
    const manifest = parseManifest(bytes)
    return manifest.kind === 'manifest' ? manifest : undefined
  } catch (error) {
    // A config or anything else in JSON: not what is looked for.
    if (error instanceof LadingError) return undefined
    throw error
  }
}

function sameLayers({ layers }: ImageManifest, digests: readonly Digest[]): boolean {
  return layers.length === digests.length && layers.every((layer, place) => layer.digest === digests[place])
}
