/**
 * The canonical form of a path in a layer: relative to the root, no `.` or empty parts, `..` taken away with
 * what it leaves; empty for the root itself. A leading slash means nothing, as tar and Docker have it.
 *
 * @returns undefined when the path leaves the root. Docker refuses such a layer, GNU tar such an entry.
 */
export function cleanLayerPath(path: string): string | undefined {
  if (!needsCleaning.test(path)) return path
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}

/**
 * Where a symbolic link leads: `target` as seen from the directory of the link at `path`, never out of the
 * root, as for a process that has it as its root directory.
 */
export function linkDestination(path: string, target: string): string {
  const parts = target.startsWith('/') ? [] : path.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** The directory that a path is in; empty for the root. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

const needsCleaning = /^\/|\/$|\/\/|^\.\.?(?:\/|$)|\/\.\.?(?:\/|$)/
