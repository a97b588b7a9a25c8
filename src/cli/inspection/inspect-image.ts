import { createLimiter, type Source } from '../../content/index.ts'
import {
  type FoundManifest,
  findManifest,
  type OpenedSource,
  pickImage,
  readImageConfig,
  readManifest,
} from '../../images/index.ts'
import {
  attestationSubject,
  type Descriptor,
  formatPlatform,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isAttestationEntry,
  isImage,
  isManifest,
  type Platform,
  PlatformNotFoundError,
} from '../../oci/index.ts'
import { imageName } from '../image-name.ts'
import { inspectedConfig } from './inspected-config.ts'
import type { InspectedEntry, InspectedIndex, InspectedManifest, Inspection } from './inspection.ts'

/** Options of {@link inspectImage}. */
export interface InspectImageOptions {
  /** Which image of an index. */
  readonly platform: Platform
  /** Whether somebody asked for that platform; otherwise an index that has no image for it is no error. */
  readonly isPlatformAsked: boolean
  /** Whether to read the manifests of all platforms. */
  readonly allPlatforms: boolean
  /** Says how large layers are unpacked, in their order; default: nobody looks. */
  readonly measure?: ((layers: readonly Descriptor[]) => Promise<readonly (number | undefined)[]>) | undefined
  readonly signal: AbortSignal
}

/**
 * Reads what an image is: index, manifest and config, verified.
 *
 * @throws {PlatformNotFoundError} when a platform was asked for and the index has no image for it.
 */
export async function inspectImage(opened: OpenedSource, options: InspectImageOptions): Promise<Inspection> {
  const { source, location, name } = opened
  const { signal } = options
  const root = await findManifest(source, name, { signal })
  const chosen = await chooseManifest(source, root, options)
  const config = chosen === undefined ? undefined : await readConfigOf(source, chosen.manifest, signal)
  const unpacked = await options.measure?.(chosen?.manifest.layers ?? [])
  const { digest, mediaType, size } = root.descriptor
  return {
    image: location.text,
    name: `${imageName(location)}@${digest}`,
    digest,
    mediaType,
    size,
    index: root.manifest.kind === 'index' ? await inspectIndex(source, root.manifest, options) : null,
    manifest: chosen === undefined ? null : inspectedManifest(chosen, config, unpacked),
    config:
      chosen === undefined || config === undefined ? null : inspectedConfig(config, chosen.manifest.layers),
  }
}

interface ChosenManifest {
  readonly descriptor: Descriptor
  readonly manifest: ImageManifest
}

/** For this machine where nothing else was asked, or the only image there is. */
async function chooseManifest(
  source: Source,
  root: FoundManifest,
  { platform, isPlatformAsked, signal }: InspectImageOptions,
): Promise<ChosenManifest | undefined> {
  try {
    return await pickImage(source, root, platform, { signal })
  } catch (error) {
    if (isPlatformAsked || !(error instanceof PlatformNotFoundError) || root.manifest.kind !== 'index')
      throw error
    const [only, ...others] = root.manifest.manifests.filter((entry) => !isAttestationEntry(entry))
    if (only === undefined || others.length > 0) return undefined
    const { descriptor, manifest } = await readManifest(source, only, { signal })
    return manifest.kind === 'manifest' ? { descriptor, manifest } : undefined
  }
}

async function readConfigOf(
  source: Source,
  manifest: ImageManifest,
  signal: AbortSignal,
): Promise<ImageConfig | undefined> {
  return isImage(manifest) ? readImageConfig(source, manifest, { signal }) : undefined
}

async function inspectIndex(
  source: Source,
  index: ImageIndex,
  { allPlatforms, signal }: InspectImageOptions,
): Promise<InspectedIndex> {
  const entries = index.manifests.filter((entry) => !isAttestationEntry(entry))
  const digests = new Set(entries.map(({ digest }) => digest))
  const attestations = index.manifests.filter((entry) => isAttestationEntry(entry))
  const limiter = createLimiter(8)
  const platforms = entries.map((entry) =>
    limiter.run(async (): Promise<InspectedEntry> => {
      const layers = allPlatforms ? await layersOf(source, entry, signal) : undefined
      return {
        platform: entry.platform === undefined ? null : formatPlatform(entry.platform),
        digest: entry.digest,
        mediaType: entry.mediaType,
        size: entry.size,
        artifactType: entry.artifactType ?? null,
        annotations: entry.annotations ?? {},
        attestations: attestations
          .filter((attestation) => attestationSubject(attestation) === entry.digest)
          .map(({ digest }) => digest),
        layers: layers?.length ?? null,
        layersSize: layers === undefined ? null : sizeOf(layers),
      }
    }),
  )
  return {
    artifactType: index.artifactType ?? null,
    annotations: index.annotations ?? {},
    platforms: await Promise.all(platforms),
    otherAttestations: attestations
      .filter((attestation) => {
        const subject = attestationSubject(attestation)
        return subject === undefined || !digests.has(subject)
      })
      .map(({ digest }) => digest),
  }
}

/** Undefined for an index in the index. */
async function layersOf(
  source: Source,
  entry: Descriptor,
  signal: AbortSignal,
): Promise<readonly Descriptor[] | undefined> {
  if (!isManifest(entry.mediaType)) return undefined
  const { manifest } = await readManifest(source, entry, { signal })
  return manifest.kind === 'manifest' ? manifest.layers : undefined
}

function inspectedManifest(
  { descriptor, manifest }: ChosenManifest,
  config: ImageConfig | undefined,
  unpacked: readonly (number | undefined)[] | undefined,
): InspectedManifest {
  const platform = config?.platform ?? descriptor.platform
  const { mediaType, digest, size } = manifest.config
  return {
    platform: platform === undefined ? null : formatPlatform(platform),
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    size: descriptor.size,
    artifactType: manifest.artifactType ?? null,
    annotations: manifest.annotations ?? {},
    subject: manifest.subject?.digest ?? null,
    config: { mediaType, digest, size },
    layers: manifest.layers.map((layer, index) => ({
      digest: layer.digest,
      mediaType: layer.mediaType,
      size: layer.size,
      unpackedSize: unpacked?.[index] ?? null,
      diffId: config?.rootfs.diffIds[index] ?? null,
      title: layer.annotations?.['org.opencontainers.image.title'] ?? null,
      annotations: layer.annotations ?? {},
    })),
    layersSize: sizeOf(manifest.layers),
    unpackedSize: unpacked?.reduce<number>((sum, one) => sum + (one ?? 0), 0) ?? null,
  }
}

function sizeOf(layers: readonly Descriptor[]): number {
  return layers.reduce((sum, { size }) => sum + size, 0)
}
