import type { IncomingMessage, ServerResponse } from 'node:http'
import { requestIdHeader } from '../log/request-id-header.ts'
import { drainBody, hasUnreadBody, isSmallBody, mayDrain } from './request-body.ts'

/** Names and values of headers by turns, as {@link ServerResponse.writeHead} takes them fastest. */
export type Headers = readonly string[]

/**
 * On every answer. What is stored is anybody's and its media type is what the pusher said: no browser shall take it for
 * a page of this origin, whatever it is.
 */
const always: Headers = [
  'Docker-Distribution-Api-Version',
  'registry/2.0',
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  "default-src 'none'; sandbox",
]

/** Begins an answer whose body follows. To be used where the request has no body that is unread. */
export function beginAnswer(response: ServerResponse, status: number, headers: Headers): void {
  response.writeHead(status, [...always, ...requestIdHeader(response), ...headers])
}

/** Up to here a body is copied to be written together with the headers. */
const maxJoinedBytes = 16 * 1024

/**
 * Bytes as a body to end an answer with, as `latin1`. Node writes headers and a text by one system call and one buffer,
 * and headers and bytes as two; Latin-1 has a letter for each byte.
 */
export function bodyOf(bytes: Uint8Array): Uint8Array | string {
  if (bytes.byteLength > maxJoinedBytes) return bytes
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/**
 * Writes an answer whole. Where the request's body was not read, a small rest of it is read and dropped, so that the
 * connection can be used again; with more to come the connection is closed, late enough for the client to read the
 * answer.
 *
 * @param headers without `Content-Length`.
 */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Headers,
  body: Uint8Array | string = '',
): Promise<void> {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  // 204 and 304 have no body and no length (RFC 9110 section 8.6).
  const lengthHeader = status === 204 || status === 304 ? [] : ['Content-Length', String(length)]
  if (hasUnreadBody(request) && isSmallBody(request) && mayDrain(request)) await drainBody(request)
  if (!hasUnreadBody(request)) {
    response.writeHead(status, [...always, ...requestIdHeader(response), ...lengthHeader, ...headers])
    response.end(body)
    return
  }
  response.writeHead(status, [
    ...always,
    ...requestIdHeader(response),
    ...lengthHeader,
    ...headers,
    'Connection',
    'close',
  ])
  if (length > 0 && request.method !== 'HEAD') response.write(body)
  else response.flushHeaders()
  if (mayDrain(request)) await drainBody(request)
  response.end()
}

/** Writes an answer of JSON. */
export function answerJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Headers,
  value: unknown,
  mediaType = 'application/json',
): Promise<void> {
  return answer(request, response, status, ['Content-Type', mediaType, ...headers], JSON.stringify(value))
}
