import type { ArchiveContent, ArchiveForm } from '../archive-form.ts'
import { bytesFile } from '../bytes-file.ts'
import { blobPath } from '../blob-path.ts'
import { type OperationOptions, UnsupportedError } from '../../content/index.ts'
import {
  childrenOf,
  type Descriptor,
  type ImageManifest,
  isAttestationEntry,
  isImage,
  isLayerArchive,
  parseManifest,
  type Platform,
  selectPlatform,
} from '../../oci/index.ts'
import { type LayoutEntry, layoutEntry } from '../layout-index.ts'
import type { ArchiveFile } from '../write-archive.ts'
import { dockerName } from '../docker-name.ts'

/** One image of `manifest.json`; the members are Docker's. */
interface ListedImage {
  readonly Config: string
  readonly RepoTags: string[] | null
  readonly Layers: readonly string[]
}

/** An OCI image layout with the `manifest.json` that Docker reads beside it. */
export class DockerForm implements ArchiveForm {
  readonly #display: string
  readonly #platform: Platform | undefined

  /** @param platform Which image of an index `manifest.json` lists; where it is not whole, the first that is. */
  constructor(display: string, platform: Platform | undefined) {
    this.#display = display
    this.#platform = platform
  }

  /** As Docker 25 writes it: the tag, and the full name beside it; the full name for both where a tag alone would be several images'. */
  entry(descriptor: Descriptor, name: string, names: readonly string[]): LayoutEntry {
    const reference = dockerName(name)
    if (reference === undefined) return layoutEntry(descriptor, name)
    const { tag } = reference
    const sharers = names.filter((other) => tag !== undefined && dockerName(other)?.tag === tag)
    const refName = sharers.length > 1 ? reference.familiar : tag
    return layoutEntry(descriptor, refName, reference.canonical)
  }

  async files(content: ArchiveContent, options: OperationOptions): Promise<readonly ArchiveFile[]> {
    const listed = new Map<string, ListedImage>()
    for (const { descriptor, name } of content.roots) {
      const image = await this.#listImage(content, descriptor, options)
      if (image === undefined) continue
      const key = JSON.stringify([image.Config, image.Layers])
      const reference = name === undefined ? undefined : dockerName(name)
      const tags = [
        ...(listed.get(key)?.RepoTags ?? []),
        ...(reference?.tag === undefined ? [] : [reference.familiar]),
      ]
      // Docker writes null for an image without a tag.
      listed.set(key, { ...image, RepoTags: tags.length === 0 ? null : tags })
    }
    if (listed.size === 0 && content.roots.length > 0) {
      throw new UnsupportedError(
        `Cannot write ${this.#display}: none of its images is one that Docker could load`,
        {
          hint: 'Artifacts and images without their layers go into an OCI archive: oci-archive:FILE.',
        },
      )
    }
    return [bytesFile('manifest.json', Buffer.from(JSON.stringify([...listed.values()])))]
  }

  /** What `manifest.json` says of an image, or of one image of an index; undefined where nothing that Docker runs is whole. */
  async #listImage(
    content: ArchiveContent,
    descriptor: Descriptor,
    options: OperationOptions,
  ): Promise<ListedImage | undefined> {
    if (!content.has(descriptor)) return undefined
    const manifest = parseManifest(await content.bytes(descriptor, options), descriptor.mediaType)
    if (manifest.kind === 'index') {
      for (const candidate of this.#byPreference(manifest.manifests)) {
        const image = await this.#listImage(content, candidate, options)
        if (image !== undefined) return image
      }
      return undefined
    }
    if (!isRunnable(manifest) || !childrenOf(manifest).every((child) => content.has(child))) return undefined
    return {
      Config: blobPath(manifest.config.digest),
      RepoTags: null,
      Layers: manifest.layers.map(({ digest }) => blobPath(digest)),
    }
  }

  #byPreference(manifests: readonly Descriptor[]): readonly Descriptor[] {
    const images = manifests.filter((entry) => !isAttestationEntry(entry))
    const preferred = this.#platform && selectPlatform(images, this.#platform)
    return preferred === undefined ? images : [preferred, ...images.filter((entry) => entry !== preferred)]
  }
}

/** A signature may have an image's config, but no layers that are file systems; a referrer is not an image of its own. */
function isRunnable(manifest: ImageManifest): boolean {
  return (
    manifest.subject === undefined &&
    isImage(manifest) &&
    manifest.layers.every(({ mediaType }) => isLayerArchive(mediaType))
  )
}
