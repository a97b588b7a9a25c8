import type { Duplex } from 'node:stream'

/**
 * Answers what is no HTTP request in the shape that the distribution specification gives errors, and ends the
 * connection: nobody knows where the next request would begin.
 */
export function answerClientError(error: Error, socket: Duplex): void {
  const code = 'code' in error ? error.code : undefined
  // The client is gone, or part of an answer is on its way: more text would be taken for the rest of that.
  if (code === 'ECONNRESET' || !socket.writable || hasAnswered(socket)) {
    socket.destroy()
    return
  }
  const { status, reason, message } = answerOf(code)
  const body = JSON.stringify({ errors: [{ code: 'UNSUPPORTED', message }] })
  socket.end(
    [
      `HTTP/1.1 ${status} ${reason}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    // A client that goes on sending holds the connection no longer.
    () => socket.destroy(),
  )
}

function hasAnswered(socket: Duplex): boolean {
  return 'bytesWritten' in socket && typeof socket.bytesWritten === 'number' && socket.bytesWritten > 0
}

function answerOf(code: unknown): {
  readonly status: number
  readonly reason: string
  readonly message: string
} {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        reason: 'Request Header Fields Too Large',
        message: 'the headers are too large together',
      }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, reason: 'Content Too Large', message: 'the chunk extensions are too large' }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, reason: 'Request Timeout', message: 'the headers did not arrive in time' }
    default:
      return { status: 400, reason: 'Bad Request', message: 'this is no HTTP/1.1 request' }
  }
}
