import { fetchBytes, type OperationOptions, type Source } from '../content/index.ts'
import {
  type Descriptor,
  type Digest,
  formatPlatform,
  type ImageIndex,
  type ImageManifest,
  InvalidPlatformError,
  isAttestationEntry,
  isImage,
  type Manifest,
  maxConfigBytesRead,
  normalizePlatform,
  parseConfig,
  parseManifest,
  parsePlatform,
  type Platform,
  type Reference,
} from '../oci/index.ts'
import type { ContentCache } from './content-cache.ts'

/** What a name points to. */
export interface ResolvedImage {
  readonly descriptor: Descriptor
  /** Of the index or manifest. */
  readonly bytes: Uint8Array
  /** Every platform that it is for, by its text. */
  readonly platforms: Readonly<Record<string, Digest>>
}

/** Options of {@link resolveImage}. */
export interface ResolveImageOptions extends OperationOptions {
  readonly cache: ContentCache
}

/**
 * Looks an image up, by its digest where it has one, else by its tag, and reads which platforms it is for: one request for an index, two
 * for a single manifest, whose platform stands in its config. Where the cache has what the tag had last, the first is a HEAD, which
 * Docker Hub does not count as a pull.
 *
 * @param reference with a tag or a digest
 * @throws {NotFoundError} and the other errors of places.
 */
export async function resolveImage(
  source: Source,
  reference: Reference,
  options: ResolveImageOptions,
): Promise<ResolvedImage> {
  const { descriptor, bytes } = await readRoot(source, reference, options)
  const manifest = parseManifest(bytes, descriptor.mediaType)
  return { descriptor, bytes, platforms: await platformsOf(source, descriptor, manifest, options) }
}

interface Root {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

async function readRoot(source: Source, reference: Reference, options: ResolveImageOptions): Promise<Root> {
  const { cache, signal } = options
  const { tag = '', digest } = reference
  signal?.throwIfAborted()
  const kept = digest === undefined ? undefined : await keptManifest(digest, cache)
  if (kept !== undefined) return kept
  // What was here last is here still, as a rule: then the digest is all that has to be asked for.
  const last = digest === undefined ? await cache.lastDigest(reference.canonical) : undefined
  const isKept = last !== undefined && (await cache.get(last)) !== undefined
  const descriptor = await source.resolve(digest ?? tag, { signal, content: !isKept })
  const bytes = await readCached(source, descriptor, options)
  if (digest === undefined) await cache.noteDigest(reference.canonical, descriptor.digest)
  return { descriptor, bytes }
}

async function keptManifest(digest: Digest, cache: ContentCache): Promise<Root | undefined> {
  const bytes = await cache.get(digest)
  if (bytes === undefined) return undefined
  const { mediaType } = parseManifest(bytes)
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes }
}

async function readCached(
  source: Source,
  descriptor: Descriptor,
  { cache, signal }: ResolveImageOptions,
  limit?: number,
): Promise<Uint8Array> {
  const kept = await cache.get(descriptor.digest)
  if (kept?.length === descriptor.size) return kept
  const bytes = await fetchBytes(source, descriptor, { signal, ...(limit === undefined ? {} : { limit }) })
  await cache.put(descriptor.digest, bytes)
  return bytes
}

async function platformsOf(
  source: Source,
  { digest }: Descriptor,
  manifest: Manifest,
  options: ResolveImageOptions,
): Promise<Readonly<Record<string, Digest>>> {
  if (manifest.kind === 'index') return indexPlatforms(manifest)
  const platform = await imagePlatform(source, manifest, options)
  return platform === undefined ? {} : { [platform]: digest }
}

/** Of several entries for a platform the first counts, as it does for those who pull. */
function indexPlatforms({ manifests }: ImageIndex): Readonly<Record<string, Digest>> {
  const platforms: Record<string, Digest> = {}
  for (const entry of manifests) {
    const text =
      entry.platform === undefined || isAttestationEntry(entry) ? undefined : platformText(entry.platform)
    if (text !== undefined) platforms[text] ??= entry.digest
  }
  return platforms
}

async function imagePlatform(
  source: Source,
  manifest: ImageManifest,
  options: ResolveImageOptions,
): Promise<string | undefined> {
  if (!isImage(manifest)) return undefined
  const bytes = await readCached(source, manifest.config, options, maxConfigBytesRead)
  return platformText(parseConfig(bytes).platform)
}

/** Undefined for what cannot be written as a platform and read again: an index may say anything. */
function platformText(platform: Platform): string | undefined {
  const text = formatPlatform(normalizePlatform(platform))
  try {
    return platform.os !== '' && platform.architecture !== '' && formatPlatform(parsePlatform(text)) === text
      ? text
      : undefined
  } catch (error) {
    if (error instanceof InvalidPlatformError) return undefined
    throw error
  }
}
