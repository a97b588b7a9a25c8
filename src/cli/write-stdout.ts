import { setImmediate } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { asFileError } from '../files/index.ts'
import type { CliContext } from './context.ts'
import { guardTerminal } from './guard-terminal.ts'

/**
 * Writes a document to standard output, byte for byte; ends when it is handed over.
 *
 * @param what it is, for the message
 * @throws {UsageError} when that is a terminal and the document has characters in it that control terminals.
 */
export async function writeStdout(
  context: Pick<CliContext, 'stdout' | 'signal'>,
  what: string,
  bytes: Uint8Array,
): Promise<void> {
  const stdout = context.stdout()
  if (stdout.isTTY === true) await checkForTerminal(what, bytes)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  stdout.write(bytes, (error) => {
    if (error === null || error === undefined) resolve()
    else reject(error)
  })
  try {
    await promise
  } catch (error) {
    // Whoever writes is told before those who listen, and they have the last word.
    await setImmediate()
    context.signal.throwIfAborted()
    throw asFileError('write to standard output', error)
  }
}

async function checkForTerminal(what: string, bytes: Uint8Array): Promise<void> {
  for await (const chunk of guardTerminal(what, Readable.from([bytes]))) chunk satisfies Uint8Array
}
