export type { Descriptor } from './descriptor.ts'
export {
  createDigester,
  type Digest,
  type DigestAlgorithm,
  type Digester,
  digestAlgorithm,
  digestHex,
  digestOf,
  isDigest,
  parseDigest,
} from './digest.ts'
export {
  InvalidDigestError,
  InvalidDocumentError,
  InvalidPlatformError,
  InvalidReferenceError,
  PlatformNotFoundError,
  UnsupportedDocumentError,
} from './errors.ts'
export { chainIds, type HistoryStep, historyWithLayers, type ImageHistory } from './history.ts'
export type { Healthcheck, HistoryEntry, ImageConfig, RuntimeConfig } from './image-config.ts'
export {
  artifactTypeOf,
  attestationSubject,
  childrenOf,
  type ImageIndex,
  type ImageManifest,
  isAttestationEntry,
  isImage,
  type Manifest,
} from './manifest.ts'
export {
  emptyDescriptor,
  emptyJson,
  isForeignLayer,
  isIndex,
  isLayerArchive,
  isManifest,
  isSchema1,
  manifestMediaTypes,
  mediaTypes,
} from './media-types.ts'
export { maxConfigBytesRead, parseConfig } from './parse-config.ts'
export { parseDescriptor } from './parse-descriptor.ts'
export { maxManifestBytesPushed, maxManifestBytesRead, parseManifest } from './parse-manifest.ts'
export { parsePlatform } from './parse-platform.ts'
export { parseReference } from './parse-reference.ts'
export {
  comparePlatforms,
  formatPlatform,
  hostPlatform,
  normalizePlatform,
  type Platform,
} from './platform.ts'
export {
  defaultTag,
  isTag,
  nameOnly,
  type Reference,
  withDefaultTag,
  withDigest,
  withoutDigest,
  withoutTag,
  withTag,
} from './reference.ts'
export { selectPlatform, type SelectPlatformOptions } from './select-platform.ts'
export { defaultDomain } from './split-domain.ts'
export { descriptorToJson, serializeManifest } from './serialize-manifest.ts'
