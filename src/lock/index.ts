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
export { lockSchema } from './lock-schema.ts'
export { maxLockBytes, parseLock, type ReadLock } from './parse-lock.ts'
export { serializeLock } from './serialize-lock.ts'
