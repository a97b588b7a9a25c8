/**
 * The text of a reference or URL without the user and password that somebody put in front of its host; the text itself
 * where there are none. What stands behind an `@` may be a digest, which is left.
 *
 * @example hideUser('https://me:secret@ghcr.io/x') === 'https://ghcr.io/x'
 */
export function hideUser(text: string): string {
  const at = text.lastIndexOf('@')
  if (at < 0) return text
  const host = text.slice(at + 1)
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? ''
  const isHost = scheme !== '' || (text.lastIndexOf(':', at) >= 0 && /[./]/.test(host))
  return isHost && !/^sha\d+:/i.test(host) ? scheme + host : text
}
