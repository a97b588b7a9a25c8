import { statSync } from 'node:fs'
import { ConfigError } from '../config/config-error.ts'
import type { CliContext } from '../context.ts'
import { readInput } from '../read-input.ts'

const largestKey = 64 * 1024

/**
 * The text of a public key that a project's file names.
 *
 * @param projectFile the file that names it
 * @throws {ConfigError} when it is no file, cannot be read, or has more than 64 KiB.
 */
export async function readKeyFile(
  context: Pick<CliContext, 'signal' | 'stdin'>,
  path: string,
  projectFile: string,
): Promise<string> {
  const refuse = (problem: string, cause?: unknown): ConfigError =>
    new ConfigError(
      projectFile,
      `the key ${path} ${problem}`,
      'A key is a PEM file; its path is meant from the folder of the file that names it.',
      cause,
    )
  try {
    // A pipe or a device would be waited for.
    if (!statSync(path).isFile()) throw refuse('is no file')
    return (await readInput(context, path, largestKey)).toString('utf8')
  } catch (error) {
    context.signal.throwIfAborted()
    if (error instanceof ConfigError) throw error
    throw refuse('cannot be read', error)
  }
}
