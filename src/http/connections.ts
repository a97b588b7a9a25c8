import type { LookupFunction, Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import type { AddressGuard } from './address-guard.ts'
import { HttpConnectionError } from './errors.ts'
import { openTunnel, proxyAuthorization, proxyFailure } from './proxy-tunnel.ts'
import type { ProxyChoice } from './proxy-for-url.ts'
import { createSocketOpener } from './socket-opener.ts'
import type { HostTransport } from './types.ts'
import { Client } from './undici.ts'
import { portOf } from './url-host.ts'

/** What connections depend on. */
export interface ConnectionsOptions {
  readonly guard: AddressGuard
  readonly proxyFor: ProxyChoice
  readonly host: (host: string) => Promise<HostTransport>
  /** Milliseconds until a connection must stand. */
  readonly connectTimeout: number
}

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

/** All connections of a transport, kept alive for each origin. */
export class Connections {
  readonly #options: ConnectionsOptions
  readonly #ways = new Map<string, Promise<OriginConnection>>()
  readonly #opening = new Set<Socket>()
  #closed = false

  constructor(options: ConnectionsOptions) {
    this.#options = options
  }

  /**
   * The way to the origin of a URL. A guarded one never shares connections with an unguarded one, so what
   * it connected to was judged.
   *
   * @param guarded Refuse what is not at a public address. Through a proxy that address is not known: then
   * only addresses in the URL itself are judged, which {@link AddressGuard.guards} does.
   */
  async to(url: URL, guarded: boolean): Promise<Connection> {
    if (this.#closed) throw closedError(url)
    const key = `${guarded ? 'guarded ' : ''}${url.origin}`
    let opened = this.#ways.get(key)
    if (opened === undefined) {
      opened = this.#open(new URL(url.origin), guarded)
      this.#ways.set(key, opened)
      // A configuration that could not be read is read again the next time.
      opened.catch(() => this.#ways.delete(key))
    }
    return opened
  }

  /** Closes every connection; requests under way end in an error. */
  async close(): Promise<void> {
    this.#closed = true
    const ways = [...this.#ways.values()]
    this.#ways.clear()
    for (const socket of this.#opening) socket.destroy(new Error('the transport was closed'))
    await Promise.allSettled(ways.map(async (opened) => (await opened).close()))
  }

  async #open(origin: URL, guarded: boolean): Promise<OriginConnection> {
    const { guard, proxyFor } = this.#options
    const proxy = proxyFor(origin)
    if (proxy === undefined) {
      const lookup = guarded ? guard.guardedLookup : guard.lookup
      return new OriginConnection(origin, await this.#direct(origin, lookup), false, {})
    }
    const forwarded = origin.protocol === 'http:'
    const headers = forwarded ? proxyAuthorization(proxy) : {}
    return new OriginConnection(origin, await this.#through(proxy, origin), forwarded, headers)
  }

  async #direct(origin: URL, lookup: LookupFunction): Promise<() => Promise<Socket>> {
    const open = await this.#opener(origin, lookup)
    return async () => open(origin)
  }

  async #through(proxy: URL, origin: URL): Promise<() => Promise<Socket>> {
    const { guard, connectTimeout } = this.#options
    const openProxy = await this.#opener(proxy, guard.lookup)
    const openOrigin = await this.#opener(origin, guard.lookup)
    const target = `${origin.hostname}:${portOf(origin)}`
    const toProxy = async (): Promise<Socket> => {
      try {
        return await openProxy(proxy)
      } catch (error) {
        throw proxyFailure(proxy, target, error)
      }
    }
    if (origin.protocol === 'http:') return toProxy
    return async () =>
      openOrigin(origin, async () => openTunnel(await toProxy(), proxy, target, connectTimeout))
  }

  async #opener(url: URL, lookup: LookupFunction): Promise<ReturnType<typeof createSocketOpener>> {
    return createSocketOpener({
      host: url.protocol === 'https:' ? await this.#options.host(url.host) : {},
      lookup,
      timeout: this.#options.connectTimeout,
      opening: this.#opening,
    })
  }
}

class OriginConnection implements Connection {
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

function closedError(url: URL): HttpConnectionError {
  return new HttpConnectionError(`Cannot reach ${url.host}: the transport was closed`, { reason: 'connect' })
}
