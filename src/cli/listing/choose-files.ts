import { posix } from 'node:path'
import { NotFoundError } from '../../content/index.ts'
import { nearest } from '../nearest.ts'
import { isGlob, pathGlob } from '../path-glob.ts'
import { type FileListing, isWithin } from './file-listing.ts'
import type { ListedFile } from './listed-file.ts'

/** Says whether a file is to be listed. */
export type FileFilter = (file: ListedFile) => boolean

/**
 * Reads the paths that somebody wants listed: what is at a path and below it, or what matches a glob. A path that is
 * there is no glob, whatever is in it (`/usr/bin/[`).
 *
 * @throws {NotFoundError} when there is nothing at a path, or a glob matches nothing.
 */
export function chooseFiles(listing: FileListing, paths: readonly string[]): FileFilter {
  if (paths.length === 0) return () => true
  const roots: string[] = []
  const globs: { readonly text: string; readonly expression: RegExp; matches: boolean }[] = []
  for (const text of paths) {
    const located = listing.locate(canonical(text))
    if (located.length > 0) roots.push(...located)
    else if (isGlob(text)) globs.push({ text, expression: pathGlob(text), matches: false })
    else throw nothingAt(listing, canonical(text))
  }

  if (globs.length > 0) {
    for (const { path } of listing.files())
      for (const glob of globs) glob.matches ||= glob.expression.test(path)
    const unmatched = globs.find(({ matches }) => !matches)
    if (unmatched !== undefined) {
      throw new NotFoundError(`Cannot list ${unmatched.text}: it matches nothing in the image`, {
        hint: "** stands for any directories: '/usr/**/*.pem'. Quote it, or the shell looks it up here.",
      })
    }
  }
  return ({ path }) =>
    roots.some((root) => isWithin(path, root)) || globs.some(({ expression }) => expression.test(path))
}

/** Relative to the root, and never out of it. */
function canonical(text: string): string {
  return posix.resolve('/', text).slice(1)
}

function nothingAt(listing: FileListing, path: string): NotFoundError {
  const slash = path.lastIndexOf('/')
  const [parent] = slash < 0 ? [''] : listing.locate(path.slice(0, slash)).slice(-1)
  const near = parent === undefined ? undefined : nearest(path.slice(slash + 1), namesIn(listing, parent))
  const nearPath = near === undefined ? undefined : posix.join('/', parent ?? '', near)
  return new NotFoundError(`Cannot find /${path} in the image: there is no such file`, {
    hint: nearPath === undefined ? undefined : `There is ${nearPath}.`,
  })
}

function namesIn(listing: FileListing, directory: string): string[] {
  const start = directory === '' ? 0 : directory.length + 1
  const names: string[] = []
  for (const { path } of listing.files()) {
    if (path !== directory && isWithin(path, directory) && !path.includes('/', start))
      names.push(path.slice(start))
  }
  return names
}
