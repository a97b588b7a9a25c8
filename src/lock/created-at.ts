import { fetchBytes, type OperationOptions, type Source } from '../content/index.ts'
import { isImage, maxConfigBytesRead, parseConfig, parseManifest } from '../oci/index.ts'
import type { LockedImage } from './lock.ts'

/**
 * When an image says that it was made: the index's annotation, else the config of its first platform. Two requests at most besides the
 * index. What says it is the publisher alone, and builds that are repeatable say 1970; undefined where it does not say.
 */
export async function createdAt(
  source: Source,
  { digest, mediaType, platforms, size }: LockedImage,
  options: OperationOptions = {},
): Promise<Date | undefined> {
  const root = parseManifest(await fetchBytes(source, { digest, mediaType, size }, options), mediaType)
  const said = dateOf(root.annotations?.['org.opencontainers.image.created'])
  if (said !== undefined) return said
  const [first] = Object.values(platforms)
  const entry =
    root.kind === 'index'
      ? root.manifests.find((one) => first === undefined || one.digest === first)
      : undefined
  if (root.kind === 'index' && entry === undefined) return undefined
  const manifest =
    entry === undefined ? root : parseManifest(await fetchBytes(source, entry, options), entry.mediaType)
  if (manifest.kind === 'index' || !isImage(manifest)) return undefined
  const bytes = await fetchBytes(source, manifest.config, { ...options, limit: maxConfigBytesRead })
  return dateOf(parseConfig(bytes).created)
}

/** The first day of all stands for "not said". */
function dateOf(text: string | undefined): Date | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) || time <= 86_400_000 ? undefined : new Date(time)
}
