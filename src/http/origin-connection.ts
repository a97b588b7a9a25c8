import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import { Client } from './undici.ts'

/** The way to one origin. */
export interface Connection {
  /**
   * Takes a connection that nobody uses, or a new one. A dispatcher that was given back is used again at once:
   * it sends the next request as soon as it is done with the last.
   */
  take(): Dispatching
  /** Whether a request names its whole URL, because a proxy takes it from there. */
  readonly forwarded: boolean
  /** Headers for that proxy. */
  readonly headers: Readonly<Record<string, string>>
}

/** Sends one request at a time. */
export interface Dispatching {
  readonly dispatcher: Pick<Dispatcher, 'dispatch'>
  /** Called once, when the request is over. */
  giveBack(): void
  /**
   * What broke the connection first, where that is known: a server that wants a client certificate says so by a TLS
   * alert just before it closes the connection, and undici tells only of the closing.
   */
  firstError(): Error | undefined
}

/** The connections to one origin: as many as are used at a time, each kept for the next request. */
export class OriginConnection implements Connection {
  readonly forwarded: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly #origin: URL
  readonly #connect: () => Promise<Socket>
  readonly #all: Lane[] = []
  /** The one used last at the end: its connection is the most likely to be alive still. */
  readonly #idle: Lane[] = []

  constructor(
    origin: URL,
    connect: () => Promise<Socket>,
    forwarded: boolean,
    headers: Readonly<Record<string, string>>,
  ) {
    this.#origin = origin
    this.#connect = connect
    this.forwarded = forwarded
    this.headers = headers
  }

  take(): Dispatching {
    const lane = this.#idle.pop() ?? this.#newLane()
    return {
      dispatcher: lane.client,
      giveBack: () => void this.#idle.push(lane),
      firstError: () => lane.firstError,
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(async ({ client }) => client.destroy()))
  }

  #newLane(): Lane {
    const lane = new Lane(this.#origin, this.#connect)
    this.#all.push(lane)
    return lane
  }
}

/** One connection at a time, opened anew when it was closed. */
class Lane {
  readonly client: Client
  firstError: Error | undefined

  constructor(origin: URL, connect: () => Promise<Socket>) {
    const connectAnew = async (): Promise<Socket> => {
      this.firstError = undefined
      const socket = await connect()
      socket.once('error', (error) => {
        this.firstError = error
      })
      return socket
    }
    this.client = new Client(origin, {
      pipelining: 1,
      connect: (_options, callback) => {
        // oxlint-disable promise/no-callback-in-promise -- undici's connectors answer by callback
        connectAnew().then(
          (socket) => callback(null, socket),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
        )
        // oxlint-enable promise/no-callback-in-promise
      },
    })
  }
}
