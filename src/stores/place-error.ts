import { AccessRefusedError, UnavailableError } from '../content/index.ts'
import { FileError } from '../files/index.ts'

/**
 * Makes an error of the operating system readable: "Cannot read x: permission denied". Any other error is given back as it is.
 *
 * @param action What was tried: `read index.json of oci:dir`.
 */
export function placeError(action: string, thrown: unknown): unknown {
  // What files/ worded by its path is said of the place.
  const error = thrown instanceof FileError ? thrown.cause : thrown
  const code = systemErrorCode(error)
  if (code === undefined) return thrown
  if (code === 'EACCES' || code === 'EPERM') {
    return new AccessRefusedError('DENIED', `Cannot ${action}: permission denied`, {
      hint: 'Check who owns the path and its directory.',
      cause: error,
    })
  }
  const [reason, hint] = reasons.get(code) ?? [`the system says ${code}`, undefined]
  return new UnavailableError(`Cannot ${action}: ${reason}`, { hint, cause: error })
}

/** The code (`ENOENT`) of an error that the operating system gave; undefined for any other. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

const reasons: ReadonlyMap<string, readonly [reason: string, hint: string | undefined]> = new Map([
  ['ENOENT', ['no such file or directory', 'Check the path.']],
  ['ENOTDIR', ['a part of the path is not a directory', 'Check the path.']],
  ['EEXIST', ['something else is in its place', 'Move it away, or choose another place.']],
  ['ENAMETOOLONG', ['the name is too long', undefined]],
  ['EISDIR', ['it is a directory', 'An OCI layout in a directory is named oci:DIR.']],
  ['ENOSPC', ['no space left on device', 'Free some space there, or choose another place.']],
  ['EDQUOT', ['the disk quota is used up', 'Free some space there, or choose another place.']],
  ['EROFS', ['the file system is read-only', 'Choose a place that can be written to.']],
  ['EMFILE', ['too many open files', 'Raise the limit (ulimit -n), or lower the concurrency.']],
  ['ELOOP', ['too many symbolic links', 'Check where the links on the path lead.']],
  ['EIO', ['the device reports an error', 'Check the disk.']],
  ['EPIPE', ['the reader went away', undefined]],
])
