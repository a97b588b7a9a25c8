// Not node:fs/promises: it brings Node's readline and REPL along, 3 ms for every verb.
import { readFileSync, statSync } from 'node:fs'
import { ConfigError } from './config-error.ts'

const largestConfigBytes = 1024 * 1024

/**
 * The text of a configuration file; undefined when there is none.
 *
 * @throws {ConfigError} it cannot be read, or is larger than 1 MiB.
 */
export function readBoundedFile(file: string, hint: string): string | undefined {
  try {
    if (statSync(file).size > largestConfigBytes) throw new ConfigError(file, 'it is larger than 1 MiB', hint)
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return undefined
    throw new ConfigError(file, String(code ?? error), hint, error)
  }
}
