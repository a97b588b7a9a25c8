// Not node:fs/promises: it brings Node's readline and REPL along, 3 ms for every verb.
import { closeSync, openSync, readSync } from 'node:fs'
import { ConfigError } from './config-error.ts'

const largestConfigBytes = 1024 * 1024

/**
 * The text of a configuration file; undefined when there is none. No more is read than it may have, whatever the file is: a project
 * that somebody else wrote may hold a link to a device without end.
 *
 * @throws {ConfigError} it cannot be read, or is larger than 1 MiB.
 */
export function readBoundedFile(file: string, hint: string): string | undefined {
  try {
    const bytes = readAtMost(file, largestConfigBytes + 1)
    if (bytes.length > largestConfigBytes) throw new ConfigError(file, 'it is larger than 1 MiB', hint)
    return bytes.toString('utf8')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return undefined
    throw new ConfigError(file, String(code ?? error), hint, error)
  }
}

function readAtMost(file: string, limit: number): Buffer {
  const chunks: Buffer[] = []
  const descriptor = openSync(file, 'r')
  try {
    for (let left = limit; left > 0;) {
      const chunk = Buffer.allocUnsafe(Math.min(left, 64 * 1024))
      const read = readSync(descriptor, chunk)
      if (read === 0) break
      chunks.push(chunk.subarray(0, read))
      left -= read
    }
  } finally {
    closeSync(descriptor)
  }
  return Buffer.concat(chunks)
}
