import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { LadingError } from '../../errors/index.ts'

/** A client went silent in the middle of a request: what it sent before is kept. */
export class SilentClientError extends LadingError<'SILENT_CLIENT'> {
  constructor(milliseconds: number) {
    super('SILENT_CLIENT', `Cannot go on: the client sent nothing for ${milliseconds / 1000} s`)
  }
}

/**
 * Ends requests whose client neither sends nor takes a byte for so long. A request on which the server itself works
 * without a byte moving (hashing a large upload once more) is left alone.
 */
export function watchSilence(server: Server, milliseconds: number): void {
  // The socket's own clock: it starts anew at every byte that moves in either direction.
  server.timeout = milliseconds
  server.prependListener('request', watch)
  server.prependListener('checkContinue', watch)

  function watch(request: IncomingMessage, response: ServerResponse): void {
    request.on('timeout', endSilent)
    response.on('timeout', endUntaken)
  }

  function endSilent(this: IncomingMessage): void {
    // Bytes that nobody has read yet are not the client's silence.
    if (!this.complete && this.readableLength === 0) this.destroy(new SilentClientError(milliseconds))
  }
}

function endUntaken(this: ServerResponse): void {
  if (this.writableLength > 0 || this.socket?.writableNeedDrain === true) this.destroy()
}
