import type { Readable } from 'node:stream'
import { UsageError } from '../errors/index.ts'

const longestSecret = 64 * 1024

/** Reads a secret from standard input: all of it, without the line's end behind it. @throws {UsageError} */
export async function readSecret(stdin: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin.iterator({ destroyOnReturn: true })) {
    signal.throwIfAborted()
    const bytes = Buffer.from(chunk instanceof Uint8Array ? chunk : String(chunk))
    size += bytes.length
    if (size > longestSecret)
      throw new UsageError('Cannot read the password: standard input has more than 64 KiB')
    chunks.push(bytes)
  }
  const secret = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  if (secret === '') throw new UsageError('Cannot read the password: standard input is empty')
  return secret
}
