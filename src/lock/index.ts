export { type CheckAgainRequest, type CheckAnswer, checkOnline, verifyLock } from './check-again.ts'
export { checkLock } from './check-lock.ts'
export {
  collectUses,
  type ImageUse,
  lockedBefore,
  type ProjectUses,
  repositoryOf,
  withUsedBy,
} from './collect-uses.ts'
export { type ContentCache, createContentCache, noCache } from './content-cache.ts'
export type { SignatureStop } from './decide-signatures.ts'
export type { GithubQuestion, SignatureOptions } from './examine-signatures.ts'
export { type Finding, type FindingRule, findingRules } from './finding.ts'
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
export { type LockEvent, lockImages, type LockRequest } from './lock-images.ts'
export { type LockedUse, type LockResult, proofsOf } from './lock-result.ts'
export { lockSchema } from './lock-schema.ts'
export { maxLockBytes, parseLock, type ReadLock } from './parse-lock.ts'
export { serializeLock } from './serialize-lock.ts'
export { signerName } from './stop-message.ts'
export { pinEdits, type SourceEdits, unpinEdits } from './pin-sources.ts'
export { createdAt } from './created-at.ts'
export { isNamed } from './named-uses.ts'
export { planUpdate, tagKey, updateEdits, type UpdatePlan } from './plan-update.ts'
export { type EmittedForm, emitLock } from './emit-lock.ts'
export { mirroredReference } from './mirror/mirrored-reference.ts'
export { type Mirror, parseMirror } from './mirror/parse-mirror.ts'
export { type MirroredImage, planMirror } from './mirror/plan-mirror.ts'
export { ProofStore } from './proof-store.ts'
