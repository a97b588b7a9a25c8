/**
 * A path of an archive without `.`, doubled and leading slashes; undefined when it leads out of the archive by `..`.
 *
 * @param from The directory that a relative path starts at; default the archive's root.
 */
export function archivePath(path: string, from = ''): string | undefined {
  const parts: string[] = []
  for (const part of [...(path.startsWith('/') ? [] : from.split('/')), ...path.split('/')]) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
