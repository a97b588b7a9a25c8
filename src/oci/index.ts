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
} from './errors.ts'
export type { Platform } from './platform.ts'
