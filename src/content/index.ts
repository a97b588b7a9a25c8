export { bytesBody, fetchedBody } from './body.ts'
export type {
  Body,
  ByteRange,
  Deleter,
  FetchOptions,
  Fetcher,
  Mounter,
  NamedPusher,
  OperationOptions,
  Prober,
  PushOptions,
  Pusher,
  ReferrerLister,
  ReferrersOptions,
  ResolveOptions,
  Resolver,
  Source,
  TagChange,
  TagChanger,
  TagLister,
  TaggedManifest,
  Tagger,
  Target,
} from './capabilities.ts'
export {
  AccessRefusedError,
  DamagedContentError,
  LimitExceededError,
  NotFoundError,
  RateLimitedError,
  SparseIndexRefusedError,
  UnavailableError,
  UnsupportedError,
} from './errors.ts'
export { type FetchBytesOptions, fetchBytes, fetchVerified, verifiedBytes } from './fetch-verified.ts'
export { verifiedStream } from './verified-stream.ts'
export { ContentVerifier } from './verifier.ts'
export { type Attachment, AttachmentFinder } from './attachments.ts'
export type {
  ContentKind,
  CopyCounts,
  CopyEvent,
  CopyJob,
  CopyReport,
  CopyResult,
  Outcome,
} from './copy-events.ts'
export { copyImages, type CopyOptions } from './copy-images.ts'
export { createLimiter, type Limiter } from './limiter.ts'
export { lookUp } from './look-up.ts'
