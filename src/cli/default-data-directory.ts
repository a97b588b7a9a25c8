import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * Where the registry keeps its content unless it is told otherwise: `$XDG_DATA_HOME/lading/registry`, else
 * `~/.local/share/lading/registry`.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/ (relative paths are to be ignored)
 */
export function defaultDataDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const chosen = environment['XDG_DATA_HOME']
  const base =
    chosen !== undefined && isAbsolute(chosen)
      ? chosen
      : join(environment['HOME'] ?? homedir(), '.local', 'share')
  return join(base, 'lading', 'registry')
}
