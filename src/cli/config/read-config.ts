import { homedir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from './config-error.ts'
import { readBoundedFile } from './read-bounded-file.ts'
import type { Config } from './schema.ts'

const hint = 'Its keys are described in schema/config.schema.json and docs/reference.'

/** Where the user's configuration is: `$XDG_CONFIG_HOME/lading/config.yaml`, else `~/.config/lading/config.yaml`. */
export function configFile(environment: Readonly<Record<string, string | undefined>>): string {
  const base = environment['XDG_CONFIG_HOME']
  if (base !== undefined && base !== '') return join(base, 'lading', 'config.yaml')
  return join(environment['HOME'] ?? homedir(), '.config', 'lading', 'config.yaml')
}

/**
 * The user's configuration; empty when there is no file at the usual place.
 *
 * @param explicit a file that was named: it has to be there.
 * @throws {ConfigError} with the line of what is wrong.
 */
export async function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  explicit?: string,
): Promise<Config> {
  const file = explicit ?? configFile(environment)
  const text = readBoundedFile(file, hint)
  if (text === undefined) {
    if (explicit === undefined) return {}
    throw new ConfigError(file, 'there is no such file', hint)
  }
  const { parseConfig } = await import('./parse-config.ts')
  return parseConfig(text, file)
}
