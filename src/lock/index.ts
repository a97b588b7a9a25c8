export { collectUses, type ImageUse, lockedBefore, type ProjectUses, repositoryOf } from './collect-uses.ts'
export { type ContentCache, createContentCache, noCache } from './content-cache.ts'
export type { SignatureStop } from './decide-signatures.ts'
export type { GithubQuestion, SignatureOptions } from './examine-signatures.ts'
export type {
  AcceptedBy,
  Lock,
  LockedEvidence,
  LockedImage,
  LockedSignatures,
  RememberedSigner,
  SearchedPlace,
} from './lock.ts'
export { LockFileError } from './lock-file-error.ts'
export {
  type LockedUse,
  type LockEvent,
  lockImages,
  type LockRequest,
  type LockResult,
} from './lock-images.ts'
export { lockSchema } from './lock-schema.ts'
export { maxLockBytes, parseLock, type ReadLock } from './parse-lock.ts'
export { serializeLock } from './serialize-lock.ts'
