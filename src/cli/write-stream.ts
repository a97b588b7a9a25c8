import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UsageError } from '../errors/index.ts'
import { asFileError, writeFileAtomically } from '../files/index.ts'
import type { CliContext } from './context.ts'

/**
 * Reads `--output`: a path, or undefined for standard output, which is what `-` and nothing mean.
 *
 * @throws {UsageError} where standard output is a terminal.
 */
export function archiveOutput(context: CliContext, output: string | undefined): string | undefined {
  if (output === '') throw new UsageError('Cannot write the archive: the name of its file is empty')
  if (output !== undefined && output !== '-') return output
  if (context.stdout().isTTY !== true) return undefined
  throw new UsageError('Cannot write the archive to a terminal', {
    hint: '-o FILE, or redirect standard output.',
  })
}

/**
 * Writes a stream to a path, or to standard output where there is none. A file appears whole or not at all; pipes and
 * devices are written to.
 *
 * @throws {FileError}
 */
export async function writeStream(
  context: CliContext,
  path: string | undefined,
  stream: Readable,
): Promise<void> {
  const { signal } = context
  try {
    if (path === undefined) await pipeline(stream, context.stdout(), { end: false, signal })
    else if (await isSpecial(path)) await pipeline(stream, createWriteStream(path), { signal })
    else await writeFileAtomically(path, stream, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw asFileError(`write ${path ?? 'to standard output'}`, error)
  }
}

async function isSpecial(path: string): Promise<boolean> {
  try {
    const status = await stat(path)
    return !status.isFile() && !status.isDirectory()
  } catch {
    return false
  }
}
