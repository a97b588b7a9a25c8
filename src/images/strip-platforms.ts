import {
  InvalidDocumentError,
  type Descriptor,
  digestAlgorithm,
  digestOf,
  type Platform,
} from '../oci/index.ts'
import type { FoundManifest } from './pick-image.ts'
import { platformEntries } from './platform-entry.ts'

/**
 * An index without the entries for other platforms: a new document with a new digest. All else of it, fields
 * that Lading does not know included, stays as it was.
 *
 * @throws {PlatformNotFoundError} where there is no entry for a platform.
 */
export function stripPlatforms(
  found: FoundManifest,
  platforms: readonly Platform[],
  subject: string,
): { readonly descriptor: Descriptor; readonly bytes: Buffer } {
  const { descriptor, manifest } = found
  if (manifest.kind === 'manifest') return found
  const kept = new Set(platformEntries(manifest, platforms, subject).map(({ digest }) => digest))
  const document: unknown = JSON.parse(found.bytes.toString('utf8'))
  if (
    typeof document !== 'object' ||
    document === null ||
    !('manifests' in document) ||
    !Array.isArray(document.manifests)
  ) {
    throw new InvalidDocumentError('index', 'manifests', 'it is not a list')
  }
  const entries: unknown[] = document.manifests
  const bytes = Buffer.from(
    JSON.stringify({
      ...document,
      manifests: entries.filter((_, position) => {
        const digest = manifest.manifests[position]?.digest
        return digest !== undefined && kept.has(digest)
      }),
    }),
  )
  const { mediaType, annotations } = descriptor
  return {
    bytes,
    descriptor: {
      mediaType,
      digest: digestOf(bytes, digestAlgorithm(descriptor.digest)),
      size: bytes.length,
      ...(annotations === undefined ? {} : { annotations }),
    },
  }
}
