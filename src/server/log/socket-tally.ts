import type { Socket } from 'node:net'

/** Bytes that went over a connection. */
export interface Traffic {
  readonly received: number
  readonly sent: number
}

/** What the requests of each connection before this one have moved already. */
const counted = new WeakMap<Socket, { received: number; sent: number }>()

/**
 * The bytes that a connection has moved since this was last asked: those of the request that just ended, headers
 * included, as connections carry one request after the other.
 */
export function trafficSince(socket: Socket | null): Traffic {
  if (socket === null) return { received: 0, sent: 0 }
  const { bytesRead, bytesWritten } = socket
  const before = counted.get(socket)
  if (before === undefined) {
    counted.set(socket, { received: bytesRead, sent: bytesWritten })
    return { received: bytesRead, sent: bytesWritten }
  }
  const traffic = { received: bytesRead - before.received, sent: bytesWritten - before.sent }
  before.received = bytesRead
  before.sent = bytesWritten
  return traffic
}
