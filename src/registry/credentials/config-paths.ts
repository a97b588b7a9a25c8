import { homedir, platform, userInfo } from 'node:os'
import { join } from 'node:path'

/** Environment variables as they were handed in. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where the user's files are: `HOME`, else what the system says. */
export function homeDirectory(environment: Environment): string {
  return nonEmpty(environment.HOME) ?? nonEmpty(environment.USERPROFILE) ?? homedir()
}

/** Docker's configuration: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function dockerConfigPath(environment: Environment): string {
  const directory = nonEmpty(environment.DOCKER_CONFIG) ?? join(homeDirectory(environment), '.docker')
  return join(directory, 'config.json')
}

/**
 * Podman's file (containers-auth.json(5)): `$REGISTRY_AUTH_FILE`, else `$XDG_RUNTIME_DIR/containers/auth.json`,
 * which is `/run/user/UID` where that is not set; on macOS and Windows `~/.config/containers/auth.json`.
 */
export function containersAuthPath(environment: Environment): string {
  const named = nonEmpty(environment.REGISTRY_AUTH_FILE)
  if (named !== undefined) return named
  const runtime = nonEmpty(environment.XDG_RUNTIME_DIR)
  if (platform() !== 'linux') return join(homeDirectory(environment), '.config', 'containers', 'auth.json')
  if (runtime !== undefined) return join(runtime, 'containers', 'auth.json')
  return join('/run/user', String(userInfo().uid), 'containers', 'auth.json')
}

/** A path as a person reads it: the home directory is `~`. */
export function displayPath(path: string, environment: Environment): string {
  const home = homeDirectory(environment)
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
