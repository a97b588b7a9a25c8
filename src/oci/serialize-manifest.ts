import type { Descriptor } from './descriptor.ts'
import type { Manifest } from './manifest.ts'
import type { Platform } from './platform.ts'

/**
 * The bytes of a manifest or index that is made here: compact JSON with the fields in the specification's order, so that
 * the same value gives the same digest. What was read is never written back with it, since unknown fields would be lost; its
 * bytes are kept instead.
 */
export function serializeManifest(manifest: Manifest): Uint8Array {
  const { mediaType, artifactType, subject, annotations } = manifest
  const content =
    manifest.kind === 'index'
      ? { manifests: manifest.manifests.map(descriptorToJson) }
      : { config: descriptorToJson(manifest.config), layers: manifest.layers.map(descriptorToJson) }
  const document = {
    schemaVersion: 2,
    mediaType,
    artifactType,
    ...content,
    subject: subject === undefined ? undefined : descriptorToJson(subject),
    annotations,
  }
  return new TextEncoder().encode(JSON.stringify(document))
}

/** A descriptor's fields as JSON has them, `data` in base64, ready for `JSON.stringify`; what is absent is undefined. */
export function descriptorToJson(descriptor: Descriptor): Record<string, unknown> {
  const { mediaType, digest, size, urls, annotations, data, platform, artifactType } = descriptor
  return {
    mediaType,
    digest,
    size,
    urls,
    annotations,
    data: data === undefined ? undefined : Buffer.from(data).toString('base64'),
    platform: platform === undefined ? undefined : platformToJson(platform),
    artifactType,
  }
}

function platformToJson(platform: Platform): Record<string, unknown> {
  const { architecture, os, osVersion, osFeatures, variant } = platform
  return { architecture, os, 'os.version': osVersion, 'os.features': osFeatures, variant }
}
