import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * Where content is kept that may be deleted at any time: `$XDG_CACHE_HOME/lading`, else `~/.cache/lading`.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/ (relative paths are to be ignored)
 */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const chosen = environment['XDG_CACHE_HOME']
  const base =
    chosen !== undefined && isAbsolute(chosen) ? chosen : join(environment['HOME'] ?? homedir(), '.cache')
  return join(base, 'lading')
}
