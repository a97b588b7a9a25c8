import type { LookupFunction, Socket } from 'node:net'
import type { AddressGuard } from './address-guard.ts'
import { HttpConnectionError } from './errors.ts'
import { type Connection, OriginConnection } from './origin-connection.ts'
import { openTunnel, proxyAuthorization, proxyFailure } from './proxy-tunnel.ts'
import type { ProxyChoice } from './proxy-for-url.ts'
import { createSocketOpener } from './socket-opener.ts'
import type { HostTransport } from './types.ts'
import { hostNameOf, portOf } from './url-host.ts'
import { WireError } from './wire-error.ts'

/** What connections depend on. */
export interface ConnectionsOptions {
  readonly guard: AddressGuard
  readonly proxyFor: ProxyChoice
  readonly host: (host: string) => Promise<HostTransport>
  /** Milliseconds until a connection must stand. */
  readonly connectTimeout: number
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
    for (const socket of this.#opening) socket.destroy(new WireError('CLOSED', 'the transport was closed'))
    await Promise.allSettled(ways.map(async (opened) => (await opened).close()))
  }

  async #open(origin: URL, guarded: boolean): Promise<OriginConnection> {
    const { guard, proxyFor } = this.#options
    const proxy = proxyFor(origin)
    if (proxy === undefined) {
      const lookup = guarded ? guard.guardedLookup : guard.lookup
      return new OriginConnection(await this.#direct(origin, lookup), false, {})
    }
    const forwarded = origin.protocol === 'http:'
    const headers = forwarded ? proxyAuthorization(proxy) : {}
    return new OriginConnection(await this.#through(proxy, origin), forwarded, headers)
  }

  async #direct(origin: URL, lookup: LookupFunction): Promise<() => Promise<Socket>> {
    const open = await this.#opener(origin, lookup)
    return async () => {
      const socket = await open(origin)
      this.#options.guard.connectedTo(hostNameOf(origin), socket.remoteAddress)
      return socket
    }
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

function closedError(url: URL): HttpConnectionError {
  return new HttpConnectionError(`Cannot reach ${url.host}: the transport was closed`, { reason: 'connect' })
}
