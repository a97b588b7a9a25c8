import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'

/** More requests than this do not wait on one connection: no client of a registry sends any ahead of their answers. */
const mostWaiting = 32

/**
 * Hands on the requests of a connection one by one, each when the answer to the one before it is sent. Node hands over
 * all that have arrived at once (RFC 9112 section 9.3.2), 1,500 of them in 64 KiB: each would hold an open file and its
 * buffers, or a whole manifest, until the client has read what comes before. Where too many wait the connection is cut.
 */
export function oneAtATime(onRequest: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, number>()
  return (request, response) => {
    // Node gives an answer its socket when its turn has come.
    if (response.socket !== null) {
      onRequest(request, response)
      return
    }
    const { socket } = request
    const count = waiting.get(socket) ?? 0
    if (count >= mostWaiting) {
      socket.destroy()
      return
    }
    waiting.set(socket, count + 1)
    response.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1)
      // On a connection that is gone nothing would tell when the answer is over.
      if (!socket.destroyed) onRequest(request, response)
    })
  }
}
