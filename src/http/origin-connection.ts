import { Agent } from 'node:http'
import { Socket } from 'node:net'
import { WireError } from './wire-error.ts'

/** The way to one origin. */
export interface Connection {
  /** Gives each request a socket of its own: the one that was used last and is free, or a new one. */
  readonly agent: Agent
  /** Whether a request names its whole URL, because a proxy takes it from there. */
  readonly forwarded: boolean
  /** Headers for that proxy. */
  readonly headers: Readonly<Record<string, string>>
}

/** As long as a socket without a request is kept when the server does not say how long it keeps it; milliseconds. */
const idleTime = 4000

/** The connections to one origin: as many as are used at a time, each kept for the next request. */
export class OriginConnection implements Connection {
  readonly agent: Agent
  readonly forwarded: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly #connect: () => Promise<Socket>
  readonly #sockets = new Set<Socket>()
  #closed = false

  constructor(connect: () => Promise<Socket>, forwarded: boolean, headers: Readonly<Record<string, string>>) {
    this.#connect = connect
    this.forwarded = forwarded
    this.headers = headers
    this.agent = new Agent({ keepAlive: true, keepAliveMsecs: 60_000, timeout: idleTime })
    this.agent.createConnection = (_options, callback) => {
      // oxlint-disable promise/no-callback-in-promise -- that is how an agent is answered
      this.#open().then(
        (socket) => callback?.(null, socket),
        // Nobody looks at a socket that comes with an error, but the type wants one.
        (error: unknown) =>
          callback?.(error instanceof Error ? error : new Error(String(error)), new Socket()),
      )
      // oxlint-enable promise/no-callback-in-promise
      return undefined
    }
  }

  /** Closes every socket; requests under way end in an error that says so. */
  close(): void {
    this.#closed = true
    for (const socket of this.#sockets) socket.destroy(closedError())
  }

  async #open(): Promise<Socket> {
    const socket = await this.#connect()
    // Without a request on it there is nobody else to be told.
    socket.on('error', () => undefined)
    if (this.#closed) {
      socket.destroy()
      throw closedError()
    }
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }
}

function closedError(): WireError {
  return new WireError('CLOSED', 'the transport was closed')
}
