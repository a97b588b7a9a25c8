import type { IncomingMessage, ServerResponse } from 'node:http'
import { ProtocolError } from '../protocol-error.ts'

/**
 * So much of a body that nobody wants is read before the connection is closed: who is still writing when it closes sees
 * a broken connection and not why. It is enough for manifests of twice the size that is taken.
 */
const maxDrainedBytes = 8 * 1024 * 1024

/** So long, in milliseconds, a body that nobody wants is read at most. */
const maxDrainTime = 2000

/** The declared length of a request's body; undefined where it is sent in chunks of HTTP, 0 where there is none. */
export function declaredLength(request: IncomingMessage): number | undefined {
  const { headers } = request
  if (headers['transfer-encoding'] !== undefined) return undefined
  return headers['content-length'] === undefined ? 0 : Number(headers['content-length'])
}

/** Whether a part of the request's body may still be on its way. */
export function hasUnreadBody(request: IncomingMessage): boolean {
  return !request.complete && declaredLength(request) !== 0
}

/** Whether reading all of the body is cheaper than another connection. */
export function isSmallBody(request: IncomingMessage): boolean {
  const length = declaredLength(request)
  return length !== undefined && length <= 64 * 1024
}

/** Whether reading the body's rest may come to an end: not when the client was never told to send it. */
export function mayDrain(request: IncomingMessage): boolean {
  return !awaitsContinue(request) || continued.has(request)
}

/**
 * To be called before a body is read: checks that it is sent as it is, and tells a client to go on that asked first
 * (RFC 9110 section 10.1.1). A server must hand over requests of its event `checkContinue` as any other, or node
 * tells the client to go on before anybody looked at who it is.
 *
 * @throws {ProtocolError} UNSUPPORTED with status 415 for a content coding, and 501 for a transfer coding that node does
 * not undo: what is stored is what has the digest.
 */
export function acceptBody(request: IncomingMessage, response: ServerResponse): void {
  const coding = request.headers['content-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'identity')
    throw new ProtocolError('UNSUPPORTED', 'content is stored as it is sent: no Content-Encoding', {
      status: 415,
    })
  const transfer = request.headers['transfer-encoding']
  if (transfer !== undefined && transfer.toLowerCase() !== 'chunked')
    throw new ProtocolError('UNSUPPORTED', 'no Transfer-Encoding but chunked', { status: 501 })
  if (!awaitsContinue(request) || continued.has(request)) return
  continued.add(request)
  response.writeContinue()
}

/**
 * Reads a body into memory.
 *
 * @throws {ProtocolError} SIZE_INVALID with status 413 as soon as it is known to be longer than `maxBytes`.
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<Buffer> {
  const declared = declaredLength(request)
  if (declared !== undefined && declared > maxBytes) throw tooLarge(maxBytes)
  acceptBody(request, response)
  const chunks: Buffer[] = []
  let bytes = 0
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      bytes += chunk.byteLength
      if (bytes > maxBytes) settle(tooLarge(maxBytes))
      else chunks.push(chunk)
    }
    const onEnd = (): void => settle(undefined)
    const onError = (error: Error): void => settle(error)
    const onClose = (): void => settle(new Error('The request was closed before its end'))
    function settle(error: Error | undefined): void {
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
      if (error === undefined) resolve()
      else {
        request.pause()
        reject(error)
      }
    }
    if (request.readableEnded) resolve()
    else request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
  })
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, bytes)
}

/** Reads and drops what is left of a body, up to a bound of bytes and time. Rejects never. */
export async function drainBody(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return
  const ended = Promise.withResolvers<void>()
  let left = maxDrainedBytes
  const onData = (chunk: Buffer): void => {
    left -= chunk.byteLength
    if (left < 0) ended.resolve()
  }
  const timer = setTimeout(ended.resolve, maxDrainTime)
  request
    .on('data', onData)
    .once('end', ended.resolve)
    .once('close', ended.resolve)
    .on('error', ended.resolve)
  request.resume()
  await ended.promise
  clearTimeout(timer)
  request.off('data', onData).off('end', ended.resolve).off('close', ended.resolve)
}

/** Requests whose client was told to send its body. */
const continued = new WeakSet<IncomingMessage>()

/** Clients of HTTP/1.0 know no interim answers (RFC 9110 section 10.1.1). */
function awaitsContinue(request: IncomingMessage): boolean {
  return request.httpVersion !== '1.0' && request.headers.expect?.toLowerCase() === '100-continue'
}

function tooLarge(maxBytes: number): ProtocolError {
  return new ProtocolError('SIZE_INVALID', `more than ${maxBytes} bytes`, { status: 413 })
}
