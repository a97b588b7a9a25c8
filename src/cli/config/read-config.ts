// Not node:fs/promises: it brings Node's readline and REPL along, 3 ms for every verb.
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from './config-error.ts'
import type { Config } from './schema.ts'

const largestConfigBytes = 1024 * 1024

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
  let text: string
  try {
    if (statSync(file).size > largestConfigBytes) throw new ConfigError(file, 'it is larger than 1 MiB')
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' && explicit === undefined) return {}
    throw new ConfigError(file, code === 'ENOENT' ? 'there is no such file' : String(code ?? error), error)
  }
  const { parseConfig } = await import('./parse-config.ts')
  return parseConfig(text, file)
}
