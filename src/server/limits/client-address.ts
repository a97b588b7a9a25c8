import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/** What of a request tells where it comes from. */
export interface AddressedRequest {
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/**
 * The address of a client. Behind a trusted proxy that is the last entry of `X-Forwarded-For`, which the proxy itself
 * wrote; the entries before it are the client's own words. Where it is no address, and without a proxy, the peer's.
 *
 * @param behindProxy whether the peer is a proxy that writes the header.
 */
export function clientAddress({ headers, socket }: AddressedRequest, behindProxy: boolean): string {
  const peer = peerAddress(socket)
  if (!behindProxy) return peer
  const header = headers['x-forwarded-for']
  const entries = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',')
  return plainAddress(entries.at(-1)?.trim() ?? '') ?? peer
}

const peers = new WeakMap<AddressedRequest['socket'], string>()

/** The address of a connection's other end; read once, as it stays. */
function peerAddress(socket: AddressedRequest['socket']): string {
  const known = peers.get(socket)
  if (known !== undefined) return known
  const address = plainAddress(socket.remoteAddress ?? '')
  if (address !== undefined) peers.set(socket, address)
  return address ?? 'unknown'
}

/** Without a port or brackets; an IPv4 address that is written as IPv6 as such. */
function plainAddress(text: string): string | undefined {
  const bare =
    /^\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text
  const address = /^::ffff:([\d.]+)$/i.exec(bare)?.[1] ?? bare
  return isIP(address) === 0 ? undefined : address.toLowerCase()
}
