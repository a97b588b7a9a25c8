import { LadingError, type LadingErrorOptions } from '../errors/index.ts'

/** The file system refused: no space, no permission, not there, not a directory. `cause` is Node's error. */
export class FileError extends LadingError<'FILE'> {
  constructor(message: string, options?: LadingErrorOptions) {
    super('FILE', message, options)
  }
}

/**
 * Makes an error of the file system readable: "Cannot write /x/y: no space left on device".
 * Anything that is not such an error (an abort reason, an error of a source stream) is given back as it is.
 *
 * @param action What was tried, with the path: `write /x/y`.
 */
export function asFileError(action: string, error: unknown): unknown {
  const code = fileErrorCode(error)
  if (code === undefined) return error
  const [reason, hint] = reasons.get(code) ?? [`the file system says ${code}`, undefined]
  return new FileError(`Cannot ${action}: ${reason}`, { hint, cause: error })
}

/** The code (`ENOENT`) of an error that the operating system gave for a file; undefined for any other error. */
export function fileErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

const reasons: ReadonlyMap<string, readonly [reason: string, hint: string | undefined]> = new Map([
  ['ENOSPC', ['no space left on device', 'Free some space there, or choose another place.']],
  ['EDQUOT', ['the disk quota is used up', 'Free some space there, or choose another place.']],
  [
    'EFBIG',
    ['the file would be larger than the file system allows', 'Choose a place on another file system.'],
  ],
  ['EACCES', ['permission denied', 'Check who owns the path and its directory.']],
  ['EPERM', ['operation not permitted', 'Check who owns the path and its directory.']],
  ['EROFS', ['the file system is read-only', 'Choose a place that can be written to.']],
  ['ENOENT', ['no such file or directory', 'Check the path; its directory must exist.']],
  ['ENOTDIR', ['a part of the path is not a directory', 'Check the path.']],
  ['EISDIR', ['it is a directory', 'Name a file.']],
  ['EEXIST', ['it exists already', undefined]],
  ['ELOOP', ['too many symbolic links', 'Check where the links on the path lead.']],
  ['ENAMETOOLONG', ['the name is too long', undefined]],
  ['EMFILE', ['too many open files', 'Raise the limit (ulimit -n), or lower the concurrency.']],
  ['ENFILE', ['too many open files on this machine', undefined]],
  ['EIO', ['the device reports an error', 'Check the disk.']],
])
