import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { ProtocolError } from '../protocol-error.ts'
import type { AddressFor } from './service-address.ts'

/** Options of {@link createWebPageRefusal}. */
export interface WebPageRefusalOptions {
  readonly addressFor: AddressFor
  /** Whether everybody on this machine may do everything, in the clear, and nobody else can connect. */
  readonly isOpenToMachine: boolean
  /** How clients reach the server, where that was said. */
  readonly externalUrl?: string | undefined
}

/** @throws {ProtocolError} DENIED. */
export type WebPageRefusal = (request: Pick<IncomingMessage, 'method' | 'headers'>) => void

/**
 * Makes what refuses the requests that pages of other sites have a browser send. A browser may reach what its user may
 * reach, and shows what it knows of passwords:
 *
 * - It sends a POST for any page without asking first (WHATWG Fetch, "CORS-safelisted"), and names the page in `Origin`;
 *   that has to be this registry's own. Clients that are no browsers send none.
 * - Where nobody is asked for a password, a page whose own name leads to this machine (DNS rebinding) passes for one of
 *   the registry's. `Host` has to be an address or a name that nobody can lead here from outside.
 */
export function createWebPageRefusal(options: WebPageRefusalOptions): WebPageRefusal {
  const { addressFor, isOpenToMachine, externalUrl } = options
  const external = externalUrl === undefined ? undefined : URL.parse(externalUrl)?.hostname
  let lastKnown: string | undefined
  return ({ method, headers }) => {
    const { host, origin } = headers
    if (isOpenToMachine && host !== undefined && host !== lastKnown) {
      if (!isNameOfMachine(host, external)) throw strangeName()
      lastKnown = host
    }
    if (origin === undefined || method === 'GET' || method === 'HEAD') return
    const page = URL.parse(origin)
    const isOwn = [host, addressFor(headers).service].some(
      (name) => page !== null && URL.parse(`${page.protocol}//${name ?? ''}`)?.host === page.host,
    )
    if (!isOwn) throw new ProtocolError('DENIED', 'pages of other sites may change nothing here')
  }
}

/** Names that no public DNS gives away: RFC 6761, RFC 6762, RFC 8375, and ICANN's `internal`. */
const privateName = /(?:^|\.)(?:localhost|local|test|internal|home\.arpa)$/

function isNameOfMachine(host: string, external: string | undefined): boolean {
  const name = host.toLowerCase().replace(/:\d*$/, '')
  if (name === external || name.startsWith('[') || isIP(name) !== 0) return true
  const labels = name.replace(/\.$/, '')
  return !labels.includes('.') || privateName.test(labels)
}

function strangeName(): ProtocolError {
  return new ProtocolError(
    'DENIED',
    'everybody on this machine may change this registry, so it answers to localhost alone: --external-url gives it another name',
  )
}
