import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { DamagedContentError } from '../../content/index.ts'
import { FileReadable } from '../storage/blobs/file-readable.ts'

/**
 * Writes a body into an answer that has begun, and ends it. Resolves also where the client goes away: there is nobody
 * left to tell.
 *
 * @param length bytes that the answer promised.
 * @throws what the body ends with, or {@link DamagedContentError} where it has another length. The answer must be cut
 * off then: nothing else tells the client that it is not whole.
 */
export async function pump(body: Readable, response: ServerResponse, length: number): Promise<void> {
  if (body instanceof FileReadable) return sendFile(body, response, length)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let left = length
  const onData = (chunk: Uint8Array): void => {
    left -= chunk.byteLength
    if (left < 0) body.destroy(wrongLength(length))
    else if (!response.write(chunk)) body.pause()
  }
  const onDrain = (): void => void body.resume()
  const onEnd = (): void => {
    if (left === 0) response.end(resolve)
    else reject(wrongLength(length))
  }
  const onClose = (): void => resolve()
  body.on('data', onData).on('end', onEnd).on('error', reject)
  response.on('drain', onDrain).on('close', onClose)
  if (response.destroyed) resolve()
  try {
    await promise
  } finally {
    response.off('drain', onDrain).off('close', onClose)
    body.destroy()
  }
}

async function sendFile(body: FileReadable, response: ServerResponse, length: number): Promise<void> {
  if (body.byteLength !== length) {
    body.destroy()
    throw wrongLength(length)
  }
  await body.writeTo(response)
  if (!response.destroyed) response.end()
}

function wrongLength(length: number): DamagedContentError {
  return new DamagedContentError(`Cannot send a blob: what is stored does not have ${length} bytes`)
}
