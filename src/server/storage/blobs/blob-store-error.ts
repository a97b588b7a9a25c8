import { NotFoundError } from '../../../content/index.ts'
import { ProtocolError } from '../../protocol-error.ts'

/**
 * Says what an error of the file system means to who asked the registry: what is not there, or a disk that cannot be
 * written or read now, which may be tried again. The message holds no path; `cause` is Node's error.
 * Anything that is not such an error (an abort's reason, the error of a body) is given back as it is.
 *
 * @param action What was tried, without a path: `read a blob`.
 */
export function asBlobStoreError(action: string, error: unknown): unknown {
  if (!isSystemError(error)) return error
  if (error.code === 'ENOENT') return new NotFoundError(`Cannot ${action}: it is not there`, { cause: error })
  const [reason, hint] = reasons.get(error.code) ?? [`the file system says ${error.code}`, undefined]
  return new ProtocolError('UNAVAILABLE', `Cannot ${action}: ${reason}`, { hint, cause: error })
}

/** Whether this is the operating system's word that there is no such file. */
export function isMissing(error: unknown): boolean {
  return isSystemError(error) && error.code === 'ENOENT'
}

/** An error that the operating system gave for a file; sockets have no part in this folder but as bodies. */
function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'syscall' in error &&
    typeof error.syscall === 'string' &&
    fileSystemCalls.has(error.syscall)
  )
}

const fileSystemCalls: ReadonlySet<string> = new Set([
  'access',
  'close',
  'copyfile',
  'fdatasync',
  'fstat',
  'fsync',
  'ftruncate',
  'lstat',
  'mkdir',
  'open',
  'opendir',
  'read',
  'rename',
  'scandir',
  'stat',
  'unlink',
  'write',
])

const reasons: ReadonlyMap<string, readonly [reason: string, hint: string | undefined]> = new Map([
  ['ENOSPC', ["the registry's disk is full", 'Free some space there, or lower the grace period.']],
  ['EDQUOT', ["the registry's disk quota is used up", 'Free some space there, or raise the quota.']],
  ['EROFS', ["the registry's disk is read-only", 'Check the disk, and how it is mounted.']],
  ['EIO', ["the registry's disk reports an error", 'Check the disk, then run lading fsck.']],
  ['EMFILE', ['the registry has too many files open', 'Raise the limit (ulimit -n).']],
  ['ENFILE', ["the registry's machine has too many files open", undefined]],
])
