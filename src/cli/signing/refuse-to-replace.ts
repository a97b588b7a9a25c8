import { resolve } from 'node:path'
import { UsageError } from '../../errors/index.ts'

/**
 * Refuses to write a bundle over what is read to make it.
 *
 * @param path of the bundle; `-` is standard output
 * @param read the files that are read
 * @throws {UsageError}
 */
export function refuseToReplace(path: string, read: readonly (string | undefined)[]): void {
  const isRead = read.some((one) => one !== undefined && one !== '-' && resolve(one) === resolve(path))
  if (path !== '-' && isRead)
    throw new UsageError(`Cannot write the bundle to ${path}: that is read to make it`)
}
